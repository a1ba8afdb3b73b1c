import { isDeepStrictEqual } from 'node:util';
import type { FeedSnapshot, RuntimeEntry, RuntimeKind } from '@sluice/model';

/** A change to one entity; `null` takes it away. */
export interface EntityChange {
  readonly kind: RuntimeKind;
  readonly id: string;
  readonly value: RuntimeEntry['value'] | null;
}

/** Everything the feed has said, as it said it: what is compared with a new snapshot and kept on disk. */
export class Entities {
  readonly #byKind = new Map<RuntimeKind, Map<string, RuntimeEntry['value']>>();

  get size(): number {
    let size = 0;
    for (const entities of this.#byKind.values()) size += entities.size;
    return size;
  }

  apply(change: EntityChange): void {
    let entities = this.#byKind.get(change.kind);
    if (entities === undefined) {
      entities = new Map();
      this.#byKind.set(change.kind, entities);
    }
    if (change.value === null) entities.delete(change.id);
    else entities.set(change.id, change.value);
  }

  /** What must change to become `snapshot`. Equal entities are left out, so that a reconnection recompiles nothing for nothing. */
  *changesTo(snapshot: FeedSnapshot): Generator<EntityChange> {
    const wanted = new Map<RuntimeKind, Set<string>>();
    for (const { kind, id, value } of snapshot.entries) {
      let ids = wanted.get(kind);
      if (ids === undefined) {
        ids = new Set();
        wanted.set(kind, ids);
      }
      ids.add(id);
      const known = this.#byKind.get(kind)?.get(id);
      if (known === undefined || !isDeepStrictEqual(known, value)) yield { kind, id, value };
    }
    for (const [kind, entities] of this.#byKind) {
      for (const id of [...entities.keys()]) if (wanted.get(kind)?.has(id) !== true) yield { kind, id, value: null };
    }
  }

  /** Ids of revocations that no token needs any more. */
  expiredRevocations(now: number): string[] {
    const revocations = this.#byKind.get('revocation') ?? new Map();
    return [...revocations].filter(([, value]) => value.expiresAt <= now).map(([id]) => id);
  }

  /** A copy of the list, for writing it down while things change. */
  entries(): RuntimeEntry[] {
    const entries: RuntimeEntry[] = [];
    for (const [kind, entities] of this.#byKind) {
      for (const [id, value] of entities) entries.push({ kind, id, value } as RuntimeEntry);
    }
    return entries;
  }
}
