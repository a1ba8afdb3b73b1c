import { randomUUID } from 'node:crypto';
import {
  describeFinding,
  errors,
  type JsonObject,
  readSharedEndpoint,
  type SharedEndpoint,
  type SharedEndpointDraft,
  SluiceError,
} from '@sluice/model';
import { ConflictError, type OrganizationStore, type Store } from '@sluice/store';
import { announce, sharedEndpointEntry, withdraw } from '../feed/announce.ts';
import { withKeptSecrets, withoutSecrets } from '../publisher/apis/secrets.ts';
import type { RestHandlers, RestRequest } from '../rest/handler.ts';
import { listView, pageOf } from '../rest/list.ts';
import { withWsdlAddresses } from '../wsdl/addresses.ts';

export interface SharedEndpointDependencies {
  readonly store: Store;
  /** Gets a WSDL document that an endpoint names. */
  readonly fetchText: (url: string) => Promise<string>;
}

const path = '/shared-endpoints';
/** APIs that an answer names. */
const mostNamed = 5;

/** The operations of `shared-endpoints.json`. */
export function sharedEndpointHandlers({ store, fetchText }: SharedEndpointDependencies): RestHandlers {
  const own = (request: RestRequest) => store.organization(request.organization);
  /** What is read from elsewhere is read before the transaction: these wait for each other. */
  const draftOf = async (body: JsonObject, before: JsonObject | null): Promise<SharedEndpointDraft> => {
    const draft = judged(body);
    return { ...draft, endpointConfig: await withWsdlAddresses(draft.endpointConfig, before, fetchText) };
  };

  return {
    listSharedEndpoints: async (request) => {
      const page = pageOf(request);
      const query = String(request.query.query ?? '').toLowerCase();
      const all = (await own(request).sharedEndpoints.list()).filter(({ name }) => name.toLowerCase().includes(query));
      const list = all.slice(page.offset, page.offset + page.limit).map(viewOf);
      return { status: 200, body: listView(path, page, all.length, list, { query }) };
    },

    createSharedEndpoint: async (request) => {
      const draft = await draftOf(request.body as JsonObject, null);
      const endpoint: SharedEndpoint = { ...draft, id: randomUUID(), organization: request.organization };
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        await unlessTaken(endpoint.name, () => organization.sharedEndpoints.create(endpoint));
        await tell(organization, endpoint.id);
      });
      const location = `${request.baseUrl}/api/sluice/v1${path}/${endpoint.id}`;
      return { status: 201, headers: { location }, body: viewOf(endpoint) };
    },

    getSharedEndpoint: async (request) => ({ status: 200, body: viewOf(await find(own(request), request)) }),

    updateSharedEndpoint: async (request) => {
      const before = await find(own(request), request);
      const body = request.body as JsonObject;
      if (body.name !== before.name) throw wrong(['The name of a shared endpoint stays: APIs refer to it.']);
      const draft = await draftOf(body, before.endpointConfig);
      const endpoint = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const present = await find(organization, request);
        const endpointConfig = withKeptSecrets(draft.endpointConfig, present.endpointConfig);
        const changed: SharedEndpoint = { ...draft, ...identityOf(present), endpointConfig };
        await organization.sharedEndpoints.update(changed);
        await tell(organization, changed.id);
        return changed;
      });
      return { status: 200, body: viewOf(endpoint) };
    },

    deleteSharedEndpoint: async (request) => {
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const endpoint = await find(organization, request);
        const uses = await organization.sharedEndpoints.uses(endpoint.name);
        if (uses.length > 0) throw inUse(endpoint.name, uses);
        await organization.sharedEndpoints.remove(endpoint.id);
        await withdraw(organization.feed, sharedEndpointEntry(endpoint));
      });
      return { status: 200 };
    },
  };
}

/** Tells the gateways in the form that is stored, whose secrets are sealed. */
async function tell(organization: OrganizationStore, id: string): Promise<void> {
  const stored = await organization.sharedEndpoints.get(id);
  if (stored) await announce(organization.feed, sharedEndpointEntry(stored));
}

async function find(organization: OrganizationStore, request: RestRequest): Promise<SharedEndpoint> {
  const id = request.path.sharedEndpointId ?? '';
  const endpoint = await organization.sharedEndpoints.get(id);
  if (!endpoint) throw new SluiceError(errors.resourceNotFound, { detail: `There is no shared endpoint ${id}` });
  return endpoint;
}

function identityOf({ id, organization, name }: SharedEndpoint): Pick<SharedEndpoint, 'id' | 'organization' | 'name'> {
  return { id, organization, name };
}

/** Throws 400 with all that is wrong. */
function judged(body: JsonObject): SharedEndpointDraft {
  const { draft, findings } = readSharedEndpoint(body);
  if (draft) return draft;
  throw wrong(findings.list.filter(({ level }) => level === 'error').map(describeFinding));
}

function wrong(reasons: readonly string[]): SluiceError {
  const entry = errors.sharedEndpointInvalid;
  const details = reasons.map((message) => ({ code: entry.code, message }));
  return new SluiceError(entry, { detail: reasons[0] ?? '' }, { details });
}

function inUse(name: string, uses: readonly { readonly name: string }[]): SluiceError {
  const named = uses.slice(0, mostNamed).map((use) => use.name);
  if (uses.length > mostNamed) named.push(`${uses.length - mostNamed} more`);
  return new SluiceError(errors.sharedEndpointInUse, { name, users: named.join(', ') });
}

async function unlessTaken<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (cause instanceof ConflictError) throw new SluiceError(errors.sharedEndpointExists, { name }, { cause });
    throw cause;
  }
}

function viewOf({ id, name, description, parameters, endpointConfig }: SharedEndpoint): JsonObject {
  return {
    ...{ id, name, description },
    parameters: parameters.map((parameter) => ({ ...parameter })),
    endpointConfig: withoutSecrets(endpointConfig),
  };
}
