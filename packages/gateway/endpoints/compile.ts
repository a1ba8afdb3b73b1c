import {
  type Endpoint,
  hasVariableHost,
  type LeafEndpoint,
  type RecipientListEndpoint,
  type SharedReference,
} from '@sluice/model';
import type { CompiledCredentials } from '../chain/credentials.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { composeGroup } from './compose-group.ts';
import { Dynamic } from './kinds/dynamic.ts';
import { Mock } from './kinds/mock.ts';
import { Recipients } from './kinds/recipients.ts';
import { Leaf } from './leaf.ts';
import { type DeadlineOwner, LeafDeadlines } from './leaf-deadlines.ts';
import type { LeafDeployment } from './leaf-records.ts';
import type { Sender } from './sender.ts';
import { Unusable } from './unusable.ts';
import { MemberWatch, watchLeaf } from './watch/member-watch.ts';

/** The API that an endpoint tree belongs to. */
export interface EndpointOwner {
  readonly organization: string;
  readonly credentials: CompiledCredentials;
  readonly leaves: LeafDeployment;
  readonly deadlines: DeadlineOwner;
  /** Inside a group. */
  readonly isMember?: boolean;
  /** Id of the API, inside an endpoint that APIs share, with its state. */
  readonly user?: string;
  /** What the groups around want of its leaves. */
  readonly watch?: MemberWatch;
}

/** Composes the senders of an endpoint tree. A member that cannot be called answers the reason when it is the only one. */
export function compileEndpoint(endpoint: Endpoint, api: EndpointOwner, settings: CompileSettings): Sender {
  switch (endpoint.kind) {
    case 'failover':
    case 'load_balance': {
      // Where there is no other member, nothing is gained by keeping calls from one.
      const watch = endpoint.children.length > 1 ? new MemberWatch(endpoint, api.watch ?? null) : api.watch;
      const inside = { ...api, isMember: true, ...(watch ? { watch } : {}) };
      const children = endpoint.children.map((child) => compileEndpoint(child, inside, settings));
      return composeGroup(endpoint, children, api.credentials.apiId, settings.groups);
    }
    case 'recipient_list':
      return recipients(endpoint, { ...api, isMember: true }, settings);
    case 'http':
    case 'address':
    case 'service':
    case 'ws':
    case 'wsdl':
    case 'default':
      try {
        return leaf(endpoint, api, settings);
      } catch (error) {
        return Unusable.broken(endpoint.name, (error as Error).message);
      }
    case 'indirect':
    case 'template':
      try {
        return shared(endpoint, api, settings);
      } catch (error) {
        return Unusable.broken(endpoint.name, (error as Error).message);
      }
    case 'mock':
      return new Mock(endpoint.name);
    default:
      return Unusable.kind(endpoint.kind, endpoint.name);
  }
}

/** Throws an Error in words when it cannot be called. */
function leaf(endpoint: LeafEndpoint, api: EndpointOwner, settings: CompileSettings): Sender {
  const isMember = api.isMember === true;
  if (endpoint.kind === 'default' || hasVariableHost(endpoint.url)) {
    const withoutTo = {
      ...api.credentials,
      withoutConsumed: [...api.credentials.withoutConsumed, 'to'],
      withoutOpen: [...api.credentials.withoutOpen, 'to'],
    };
    const credentials = endpoint.kind === 'default' ? withoutTo : api.credentials;
    const leafOf = (one: LeafEndpoint) =>
      new Leaf(one, credentials, settings, api.leaves.of(one, isMember), deadlinesOf(one, api, settings));
    return new Dynamic(endpoint, settings.dynamicHosts, leafOf, ({ name }) => api.leaves.forget(name));
  }
  if (endpoint.kind === 'wsdl' && endpoint.url === '')
    throw new Error('its address was not read from the WSDL document');
  const record = api.leaves.of(endpoint, isMember);
  const made = new Leaf(endpoint, api.credentials, settings, record, deadlinesOf(endpoint, api, settings));
  watchLeaf(made, api.watch ?? null, settings.healthChecks, api.user ?? null);
  return made;
}

function deadlinesOf(endpoint: LeafEndpoint, api: EndpointOwner, { timeouts }: CompileSettings): LeafDeadlines {
  return new LeafDeadlines(endpoint, api.deadlines, timeouts.global);
}

/** Leaves of an endpoint that APIs share have one state for all of them. Throws an Error in words when there is none that fits. */
function shared(reference: SharedReference, api: EndpointOwner, settings: CompileSettings): Sender {
  const { endpoint, id, leaves } = settings.shared.resolve(api.organization, reference);
  const owner = { ...api, credentials: { ...api.credentials, apiId: id } };
  return compileEndpoint(
    endpoint,
    leaves === null ? owner : { ...owner, leaves, isMember: false, user: api.credentials.apiId },
    settings,
  );
}

function recipients(endpoint: RecipientListEndpoint, api: EndpointOwner, settings: CompileSettings): Sender {
  const children = endpoint.children.map((child) => compileEndpoint(child, api, settings));
  const leaves = children.filter((child) => child instanceof Leaf);
  const [other] = children.filter((child) => !(child instanceof Leaf));
  if (other !== undefined) return Unusable.broken(endpoint.name, `${other.name} is no single backend`);
  const proving = leaves.find(({ provesAtOnce }) => !provesAtOnce);
  if (proving !== undefined && leaves.length > 1) {
    const detail = 'digest and OAuth are not possible where several backends get one call';
    return Unusable.broken(endpoint.name, detail);
  }
  return new Recipients(endpoint.name, leaves, settings.copies);
}
