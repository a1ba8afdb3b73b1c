import type { Api, JsonObject } from '@sluice/model';
import { lookUp } from '../../rest/description.ts';
import type { RestRequest } from '../../rest/handler.ts';
import { description } from '../description.ts';
import { apiDocument } from './document.ts';

const schema = lookUp(description, '#/components/schemas/API');
/** Scopes whose holders may change every member. */
const whole = schema['x-scopes'] as string[];
const members = Object.entries(schema.properties as Record<string, JsonObject>);

/**
 * The body as far as the caller may have it: those who may publish but not create change only the members that the description opens to them
 * (`x-otherScopes`); the others stay as they are, without an error, as in WSO2.
 */
export function permittedBody(request: RestRequest, api: Api, body: JsonObject): JsonObject {
  const { scopes } = request.principal;
  if (whole.some((scope) => scopes.has(scope))) return body;
  const permitted = apiDocument(api);
  for (const [name, member] of members) {
    const open = (member['x-otherScopes'] as string[] | undefined)?.some((scope) => scopes.has(scope));
    if (!open) continue;
    const given = body[name];
    if (given === undefined) delete permitted[name];
    else permitted[name] = given;
  }
  return permitted;
}
