import { randomUUID } from 'node:crypto';
import { type Api, applyOperations, definitionFor, type JsonObject } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';
import { withWsdlAddresses } from '../../wsdl/addresses.ts';
import { textFetcher } from '../../wsdl/fetch.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { checkDraft } from './check.ts';
import { checkName, checkVersion, readContext } from './context.ts';
import { takeDefault } from './default-version.ts';
import { type ApiDraft, readDraft } from './draft.ts';
import { isAdmin } from './find.ts';
import { checkIdentity, unlessTaken } from './identity.ts';

/** What a validated body of WSO2's `API` always holds. */
interface IdentityBody {
  name: string;
  version: string;
  context: string;
  provider?: string;
  type: Api['type'];
}

/** What a definition contributes to the API that is made from it. */
export interface Described {
  /** Absent: a definition of its own. */
  readonly document?: JsonObject;
  /** Members of the draft that the definition decides. */
  readonly draft: Partial<Omit<ApiDraft, 'more'>>;
  /** What is kept beside the members of the body. */
  readonly more?: JsonObject;
}

/** Creates an API from a validated body, in the state CREATED, with a definition of its own or the given one. */
export async function createApi(
  { store, keyManager, plans, settings }: PublisherDependencies,
  request: RestRequest,
  body: JsonObject,
  described?: Described,
): Promise<Api> {
  const identity = body as unknown as IdentityBody;
  checkName(identity.name);
  checkVersion(identity.version);
  const now = Date.now();
  const draft = readDraft(body);
  const { endpointConfig } = draft;
  const api: Api = {
    ...draft,
    endpointConfig: endpointConfig && (await withWsdlAddresses(endpointConfig, null, textFetcher(settings))),
    ...described?.draft,
    more: { ...draft.more, ...described?.more },
    id: randomUUID(),
    organization: request.organization,
    name: identity.name,
    version: identity.version,
    context: readContext(identity.context, request.organization),
    provider: await chooseProvider(keyManager, request, identity.provider),
    type: identity.type,
    status: 'CREATED',
    hasThumbnail: false,
    createdTime: now,
    updatedTime: now,
    updatedBy: request.principal.user,
  };
  const document = described?.document ? applyOperations(described.document, api) : definitionFor(api);
  const roles = { keyManager, organization: request.organization };
  const organization = store.organization(request.organization);
  await checkDraft(api, { organization, roles, name: api.name, plans });
  return store.transaction((tx) => addApi(tx.organization(request.organization), api, document));
}

/** Stores a new API with its first history; `copyOf` is the id of the one that it is a copy of. Throws 400 or 409 when there is one like it. Call it in a transaction. */
export async function addApi(
  organization: OrganizationStore,
  api: Api,
  definition: JsonObject,
  copyOf?: string,
): Promise<Api> {
  await checkIdentity(organization, api);
  await unlessTaken(api, () => organization.apis.create(api, JSON.stringify(definition), copyOf));
  await organization.apis.appendHistory({
    apiId: api.id,
    previous: null,
    next: api.status,
    user: api.updatedBy,
    time: api.createdTime,
  });
  if (api.isDefaultVersion) await takeDefault(organization, api);
  return api;
}

/** The owner is whoever creates it; an administrator may name somebody else who exists. */
async function chooseProvider(
  keyManager: PublisherDependencies['keyManager'],
  request: RestRequest,
  asked: string | undefined,
): Promise<string> {
  const { user } = request.principal;
  if (!asked || !isAdmin(request)) return user;
  return (await keyManager.users.find(asked))?.name ?? user;
}
