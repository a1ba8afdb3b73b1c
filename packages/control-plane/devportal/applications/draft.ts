import { type Application, errors, type Json, type JsonObject, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { offeredPlan } from '../../plans/offered.ts';
import type { ApplicationAttribute, DevportalDependencies } from '../settings.ts';

/** The members of an application that its owner writes. */
export type ApplicationDraft = Pick<
  Application,
  'name' | 'description' | 'throttlingPolicy' | 'tokenType' | 'groups' | 'visibility' | 'attributes'
>;

/** More or longer attributes and groups than these are refused. */
const mostAttributes = 50;
const longestAttribute = 1024;
const mostGroups = 50;
const longestGroup = 255;

/**
 * Reads the body of a create, or of an update of `before`. Throws on a name with blanks at its ends or control characters, on a plan that does not exist
 * and on a required attribute that is missing.
 */
export async function readApplication(
  organization: OrganizationStore,
  body: Json | undefined,
  { settings, plans }: Pick<DevportalDependencies, 'settings' | 'plans'>,
  before?: Application,
): Promise<ApplicationDraft> {
  const given = body as JsonObject;
  const name = String(given.name);
  if (name.trim() !== name || name === '' || hasControl(name)) {
    throw new SluiceError(errors.applicationNameInvalid, { name: JSON.stringify(name) });
  }
  const plan = String(given.throttlingPolicy);
  // A plan that was withdrawn stays with who has it.
  const chosen = plan === before?.throttlingPolicy ? { unlimited: true } : plans;
  const known = await offeredPlan(organization, 'application', plan, chosen);
  if (!known) throw new SluiceError(errors.tierInvalid, { name: plan });
  return {
    name,
    description: typeof given.description === 'string' ? given.description : '',
    throttlingPolicy: known.name,
    tokenType: given.tokenType === 'OAUTH' ? 'OAUTH' : 'JWT',
    groups: readGroups(given.groups),
    visibility: given.visibility === 'SHARED_WITH_ORG' ? 'SHARED_WITH_ORG' : 'PRIVATE',
    attributes: readAttributes(given.attributes, settings.applicationAttributes),
  };
}

function readGroups(value: Json | undefined): string[] {
  const groups = Array.isArray(value) ? [...new Set(value.map(String))] : [];
  if (groups.length > mostGroups || groups.some((group) => group.length > longestGroup)) {
    const detail = `An application has at most ${mostGroups} groups of at most ${longestGroup} characters.`;
    throw new SluiceError(errors.invalidRequest, { detail });
  }
  return groups;
}

function readAttributes(value: Json | undefined, known: readonly ApplicationAttribute[]): Record<string, string> {
  const given = Object.entries((value ?? {}) as JsonObject);
  if (given.length > mostAttributes) throw invalid(`An application has at most ${mostAttributes} attributes.`);
  const read: Record<string, string> = {};
  for (const [name, text] of given) {
    if (name.length > longestAttribute || String(text).length > longestAttribute) {
      throw invalid(`Names and values of attributes have at most ${longestAttribute} characters.`);
    }
    read[name] = String(text);
  }
  for (const attribute of known) {
    if (!attribute.required || (read[attribute.name] ?? '') !== '') continue;
    if (attribute.default === undefined) throw invalid(`The attribute ${attribute.name} must be given.`);
    read[attribute.name] = attribute.default;
  }
  return read;
}

function invalid(detail: string): SluiceError {
  return new SluiceError(errors.applicationAttributesInvalid, { detail });
}

function hasControl(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\u007f') return true;
  return false;
}
