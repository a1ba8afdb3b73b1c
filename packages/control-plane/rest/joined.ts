import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@sluice/model';
import type { Description } from './description.ts';
import type { Portal } from './portal.ts';

/**
 * Several REST APIs under one path: what each describes and handles, in one. What more than one of them names, components for instance, must not differ,
 * but one may have further members. Throws by name where they contradict each other, or handle one operation.
 */
export function joinedPortal(
  name: string,
  about: Pick<Description['info'], 'title' | 'description'>,
  [first, ...others]: readonly [Portal, ...Portal[]],
): Portal {
  let { description, handlers } = first;
  for (const portal of others) {
    const [operation] = Object.keys(portal.handlers).filter((id) => id in handlers);
    if (operation !== undefined) throw contradiction(portal, operation);
    handlers = { ...handlers, ...portal.handlers };
    description = {
      ...description,
      ...{ tags: [...tagsOf(description), ...tagsOf(portal.description)] },
      paths: joined(portal, '/paths', description.paths, portal.description.paths) as Description['paths'],
      components: joined(portal, '/components', description.components, portal.description.components),
    };
  }
  return { name, description: { ...description, info: { ...description.info, ...about } }, handlers };
}

/** Depth is that of descriptions of ours. */
function joined(portal: Portal, place: string, one: JsonObject, other: JsonObject): JsonObject {
  const all = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = one[name];
    if (before === undefined || isDeepStrictEqual(before, value)) all[name] = value;
    else if (isObject(before) && isObject(value)) all[name] = joined(portal, `${place}/${name}`, before, value);
    else throw contradiction(portal, `${place}/${name}`);
  }
  return all;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tagsOf(description: Description & { readonly tags?: readonly JsonObject[] }): readonly JsonObject[] {
  return description.tags ?? [];
}

function contradiction({ name }: Portal, what: string): Error {
  return new Error(`the ${name} portal has another ${what} than a portal that it is joined with`);
}
