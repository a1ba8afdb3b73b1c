import { residentKeyManager } from '@sluice/key-manager';
import {
  type Api,
  describeFinding,
  errors,
  parseEndpointConfig,
  referencesOf,
  resolveReference,
  SluiceError,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { offeredPlans, type PlanSettings, unlimitedPlan } from '../../plans/offered.ts';
import type { ApiDraft } from './draft.ts';
import { type RoleBook, unknownRole } from './roles.ts';
import { scopeHolder } from './scope-names.ts';

/** Kinds of operations of GraphQL, whose targets are fields. */
const graphqlVerbs = new Set(['QUERY', 'MUTATION', 'SUBSCRIPTION']);
const verbs = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'SUBSCRIBE', 'PUBLISH']);
const transports = new Set(['http', 'https', 'ws', 'wss']);
const securitySchemes = new Set([
  'oauth2',
  'basic_auth',
  'api_key',
  'mutualssl',
  'oauth_basic_auth_api_key_mandatory',
  'oauth_basic_auth_api_key_optional',
  'mutualssl_mandatory',
  'mutualssl_optional',
]);
/** WSO2 takes no blanks in the names of free properties, since the search parts its terms there. */
const propertyName = /^[^\s:"]{1,80}$/;

/** Where a draft is going to live. */
export interface DraftPlace {
  readonly organization: OrganizationStore;
  readonly roles: RoleBook;
  /** The name that the API has: its versions share scopes. */
  readonly name: string;
  /** What stands there before the change: scopes and plans that it has already need no second look. */
  readonly before?: Pick<Api, 'scopes' | 'policies'>;
  readonly plans: PlanSettings;
}

/**
 * Judges what the schema cannot. Throws the first error of the catalogue that applies; endpoint findings come as a list. Call it before the transaction of
 * the change: it may look at every API and user, and transactions wait for each other.
 */
export async function checkDraft(draft: ApiDraft & Pick<Api, 'type'>, place: DraftPlace): Promise<void> {
  checkWords(draft);
  checkProperties(draft);
  checkOperations(draft);
  checkEndpoints(draft);
  await checkReferences(draft, place.organization);
  await checkPlans(draft, place);
  await checkRoles(draft, place.roles);
  await checkScopes(draft, place);
}

function checkWords(draft: ApiDraft): void {
  const transport = draft.transport.find((name) => !transports.has(name));
  if (transport !== undefined) throw new SluiceError(errors.transportUnsupported, { transport });
  const scheme = draft.securityScheme.find((name) => !securitySchemes.has(name));
  if (scheme !== undefined) {
    throw new SluiceError(errors.invalidRequest, {
      detail: `securityScheme holds ${JSON.stringify(scheme)}; known are ${[...securitySchemes].join(', ')}`,
    });
  }
  const keyManager = draft.keyManagers.find((name) => name !== 'all' && name !== residentKeyManager);
  if (keyManager !== undefined) throw new SluiceError(errors.keyManagersInvalid, { name: keyManager });
}

function checkProperties(draft: ApiDraft): void {
  const seen = new Set<string>();
  for (const { name, value } of draft.additionalProperties) {
    const detail = !propertyName.test(name)
      ? 'a name has 1 to 80 characters without blanks, colons and quotes'
      : seen.has(name.toLowerCase())
        ? 'it is given twice'
        : value.length > 900
          ? 'its value is longer than 900 characters'
          : undefined;
    if (detail !== undefined) throw new SluiceError(errors.additionalPropertiesInvalid, { name, detail });
    seen.add(name.toLowerCase());
  }
}

function checkOperations(draft: ApiDraft & Pick<Api, 'type'>): void {
  const seen = new Set<string>();
  const scopes = new Set(draft.scopes.map((scope) => scope.name));
  for (const operation of draft.operations) {
    const { verb, target } = operation;
    const key = `${verb} ${target}`;
    if (!(draft.type === 'GRAPHQL' ? graphqlVerbs : verbs).has(verb))
      throw new SluiceError(errors.verbInvalid, { verb: JSON.stringify(verb), target });
    if (seen.has(key)) throw new SluiceError(errors.operationDuplicate, { verb, target });
    seen.add(key);
    const scope = operation.scopes.find((name) => !scopes.has(name));
    if (scope !== undefined) throw new SluiceError(errors.scopeUnknown, { operation: key, scope });
  }
}

function checkEndpoints(draft: ApiDraft): void {
  if (draft.endpointConfig === null) return;
  const wrong = parseEndpointConfig(draft.endpointConfig).findings.filter((finding) => finding.level === 'error');
  const first = wrong[0];
  if (!first) return;
  const detail = (finding: typeof first) => `${finding.value} found, ${finding.expected} expected. ${finding.remedy}`;
  throw new SluiceError(
    errors.endpointConfigInvalid,
    { path: first.path, detail: detail(first) },
    {
      details: wrong.map((finding) => ({
        code: errors.endpointConfigInvalid.code,
        message: `${finding.path}: ${detail(finding)}`,
      })),
    },
  );
}

/** What is referred to must be there, and fit. */
async function checkReferences(draft: ApiDraft, organization: OrganizationStore): Promise<void> {
  const { production, sandbox } = parseEndpointConfig(draft.endpointConfig).endpoints;
  for (const reference of [...referencesOf(production), ...referencesOf(sandbox)]) {
    const shared = await organization.sharedEndpoints.find(reference.key);
    const wrong = shared && resolveReference(shared, reference).findings.find(({ level }) => level === 'error');
    const detail = shared
      ? wrong && describeFinding(wrong)
      : `there is no shared endpoint ${JSON.stringify(reference.key)}. Make it first (/api/sluice/v1/shared-endpoints).`;
    if (detail !== undefined) {
      throw new SluiceError(errors.endpointConfigInvalid, { path: reference.name, detail });
    }
  }
}

async function checkPlans(draft: ApiDraft, { organization, plans, before }: DraftPlace): Promise<void> {
  // A plan that was withdrawn stays with who has it.
  const offered = before?.policies.includes(unlimitedPlan) ? { unlimited: true } : plans;
  const business = new Set((await offeredPlans(organization, 'subscription', offered)).map((plan) => plan.name));
  const unknown = draft.policies.find((name) => !business.has(name));
  if (unknown !== undefined) throw new SluiceError(errors.tierInvalid, { name: unknown });
  // Names the absence of a limit for operations, whether or not it is offered as a plan.
  const advanced = new Set([unlimitedPlan, ...(await organization.plans.list('advanced')).map((plan) => plan.name)]);
  const named = [draft.apiThrottlingPolicy ?? unlimitedPlan, ...draft.operations.map((each) => each.throttlingPolicy)];
  const missing = named.find((name) => !advanced.has(name));
  if (missing !== undefined) throw new SluiceError(errors.tierInvalid, { name: missing });
}

async function checkRoles(draft: ApiDraft, roles: RoleBook): Promise<void> {
  if (draft.visibility === 'RESTRICTED' && draft.visibleRoles.length === 0) {
    throw new SluiceError(errors.invalidRequest, {
      detail: 'visibleRoles must name a role where visibility is RESTRICTED.',
    });
  }
  if (draft.accessControl === 'RESTRICTED' && draft.accessControlRoles.length === 0) {
    throw new SluiceError(errors.invalidRequest, {
      detail: 'accessControlRoles must name a role where accessControl is RESTRICTED.',
    });
  }
  const named = [
    ...draft.visibleRoles,
    ...draft.accessControlRoles,
    ...draft.scopes.flatMap((scope) => scope.bindings),
  ];
  const role = await unknownRole(roles, named);
  if (role !== undefined) throw new SluiceError(errors.roleInvalid, { role });
}

async function checkScopes(draft: ApiDraft, place: DraftPlace): Promise<void> {
  const seen = new Set<string>();
  for (const { name } of draft.scopes) {
    // RFC 6749 3.3: a scope is one word of printable characters.
    if (!/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/.test(name) || seen.has(name)) {
      throw new SluiceError(errors.invalidRequest, {
        detail: `The scope ${JSON.stringify(name)} is no single word, or given twice.`,
      });
    }
    seen.add(name);
  }
  const known = new Map(place.before?.scopes.map((scope) => [scope.name, scope.bindings.join()]));
  const fresh = draft.scopes.filter((scope) => !scope.shared && known.get(scope.name) !== scope.bindings.join());
  const taken = await scopeHolder(place.organization, fresh, place.name);
  if (taken !== undefined) throw new SluiceError(errors.scopeTaken, { scope: taken });
}
