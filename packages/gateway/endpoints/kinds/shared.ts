import {
  type Endpoint,
  type LeafEndpoint,
  resolveReference,
  type SharedEndpoint,
  type SharedReference,
} from '@sluice/model';
import type { LeafDeployment, LeafRecords } from '../leaf-records.ts';
import type { SessionTables } from '../session/session-tables.ts';

/** What a reference stands for. */
export interface Resolved {
  readonly endpoint: Endpoint;
  /** Whom its secrets are sealed for. */
  readonly id: string;
  /** Where its leaves have their states; null where they are those of the API, as what is made from a template. */
  readonly leaves: LeafDeployment | null;
}

interface Known {
  readonly value: SharedEndpoint;
  /** With the states that all APIs share. */
  readonly leaves: LeafDeployment;
}

/** The shared endpoints of all organizations, by their place in the feed. */
export class SharedEndpoints {
  readonly #known = new Map<string, Known>();

  /**
   * Takes a change over; null takes the endpoint away. The states of leaves that stay as they are stay too, and so do the sessions of groups while
   * the endpoint is there.
   */
  apply(id: string, value: SharedEndpoint | null, records: LeafRecords, sessions: SessionTables): void {
    const owner = `shared:${id}`;
    const before = this.#known.get(id)?.value.id;
    if (before !== undefined && before !== value?.id) sessions.forget(before);
    if (value === null) {
      this.#known.delete(id);
      records.forget(owner);
      return;
    }
    const leaves = records.deploy({ id: owner, label: value.name });
    const plain: SharedReference = { kind: 'indirect', name: value.name, key: value.name, parameters: {} };
    const { endpoint } = value.parameters.length > 0 ? { endpoint: null } : resolveReference(value, plain);
    for (const [leaf, isMember] of leavesOf(endpoint, false)) leaves.of(leaf, isMember);
    leaves.commit();
    this.#known.set(id, { value, leaves });
  }

  /** Throws an Error in words when there is no such endpoint, or it cannot be used like that. */
  resolve(organization: string, reference: SharedReference): Resolved {
    const known = this.#known.get(placeOf(organization, reference.key));
    if (known === undefined) throw new Error(`there is no shared endpoint ${JSON.stringify(reference.key)}`);
    const { endpoint, findings } = resolveReference(known.value, reference);
    if (endpoint === null) {
      const { path = '', remedy = 'It has no address.' } = findings.find(({ level }) => level === 'error') ?? {};
      throw new Error(`the shared endpoint ${JSON.stringify(reference.key)} does not fit: ${path} ${remedy}`);
    }
    return { endpoint, id: known.value.id, leaves: reference.kind === 'indirect' ? known.leaves : null };
  }
}

/** Id of a shared endpoint in the feed. */
export function placeOf(organization: string, name: string): string {
  return `${organization}/${name}`;
}

/** Leaves with a state, and whether each is a member of a group. */
function* leavesOf(endpoint: Endpoint | null, isMember: boolean): Generator<[LeafEndpoint, boolean]> {
  if (endpoint === null) return;
  if ('children' in endpoint) for (const child of endpoint.children) yield* leavesOf(child, true);
  else if ('url' in endpoint && endpoint.url !== '') yield [endpoint, isMember];
}
