/** Power of two; an edit copies only the shards it touches, so a change among 100,000 entries copies about 400. */
const shardCount = 256;

/** FNV-1a over the whole key. A bad spread costs time when the map is edited, never correctness. */
function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & (shardCount - 1);
}

const noEntries: ReadonlyMap<string, never> = new Map<string, never>();

/** An immutable map with string keys whose next version shares all that did not change. */
export class ShardedMap<V> {
  readonly #shards: readonly ReadonlyMap<string, V>[];

  private constructor(shards: readonly ReadonlyMap<string, V>[]) {
    this.#shards = shards;
  }

  static empty<V>(): ShardedMap<V> {
    return new ShardedMap<V>(new Array<ReadonlyMap<string, V>>(shardCount).fill(noEntries));
  }

  get(key: string): V | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  *values(): Iterable<V> {
    for (const shard of this.#shards) yield* shard.values();
  }

  /** Begins the next version; this one stays as it is. */
  edit(): ShardedMapEdit<V> {
    return new ShardedMapEdit(this.#shards, (shards) => new ShardedMap(shards));
  }
}

/** The next version of a `ShardedMap` while it is made. */
export class ShardedMapEdit<V> {
  #shards: ReadonlyMap<string, V>[];
  /** Shards copied since the last `finish`, which may be written to. */
  readonly #own = new Map<number, Map<string, V>>();
  readonly #make: (shards: readonly ReadonlyMap<string, V>[]) => ShardedMap<V>;

  constructor(
    shards: readonly ReadonlyMap<string, V>[],
    make: (shards: readonly ReadonlyMap<string, V>[]) => ShardedMap<V>,
  ) {
    this.#shards = [...shards];
    this.#make = make;
  }

  get(key: string): V | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  set(key: string, value: V): void {
    this.#writable(key).set(key, value);
  }

  delete(key: string): void {
    if (this.get(key) !== undefined) this.#writable(key).delete(key);
  }

  /** The map with all changes so far. Further changes make a further version and leave this one alone. */
  finish(): ShardedMap<V> {
    const made = this.#make(this.#shards);
    this.#shards = [...this.#shards];
    this.#own.clear();
    return made;
  }

  #writable(key: string): Map<string, V> {
    const index = shardOf(key);
    const own = this.#own.get(index);
    if (own !== undefined) return own;
    const copy = new Map(this.#shards[index]);
    this.#own.set(index, copy);
    this.#shards[index] = copy;
    return copy;
  }
}
