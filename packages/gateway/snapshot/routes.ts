import { ShardedMap, type ShardedMapEdit } from './sharded-map.ts';

/** A place where an API answers: base path and, for some, a host name. */
export interface Mount<T> {
  readonly target: T;
  /** Without a slash at the end; empty for the root. */
  readonly basePath: string;
  /** Lower-case host name without port; null answers on every host. */
  readonly vhost: string | null;
}

/** Deepest base path that is kept, in segments: a context of 232 characters cannot have more. */
const deepest = 120;
/** Where each segment of the path at hand ends; `find` runs to its end before anybody else can touch it. */
const ends = new Int32Array(deepest + 1);

function depthOf(basePath: string): number {
  let depth = 0;
  for (let i = 0; i < basePath.length; i++) if (basePath.charCodeAt(i) === 0x2f) depth++;
  return depth;
}

/** Base paths to mounts, immutable. The longest base path that fits a path wins; a mount for the very host beats one for all. */
export class Routes<T> {
  readonly #mounts: ShardedMap<readonly Mount<T>[]>;
  /** Depths that occur, deepest first: only these prefixes are looked up. */
  readonly #depths: readonly number[];

  constructor(mounts: ShardedMap<readonly Mount<T>[]>, depths: readonly number[]) {
    this.#mounts = mounts;
    this.#depths = depths;
  }

  static empty<T>(): Routes<T> {
    return new Routes<T>(ShardedMap.empty(), []);
  }

  /** `host` as in the `Host` header. Nothing is decoded and case matters in the path. */
  find(path: string, host: string): Mount<T> | undefined {
    if (this.#depths.length === 0 || path.charCodeAt(0) !== 0x2f) return undefined;
    const most = this.#depths[0] as number;
    let found = 0;
    ends[0] = 0;
    for (let at = 1; found < most && at <= path.length; at++) {
      if (at === path.length || path.charCodeAt(at) === 0x2f) ends[++found] = at;
    }
    for (let i = 0; i < this.#depths.length; i++) {
      const depth = this.#depths[i] as number;
      if (depth > found) continue;
      const mounts = this.#mounts.get(path.substring(0, ends[depth]));
      if (mounts === undefined) continue;
      const mount = pick(mounts, host);
      if (mount !== undefined) return mount;
    }
    return undefined;
  }

  /** Every mount, in no order. */
  *mounts(): Iterable<Mount<T>> {
    for (const mounts of this.#mounts.values()) yield* mounts;
  }

  edit(): RoutesEdit<T> {
    return new RoutesEdit(this.#mounts.edit());
  }
}

function pick<T>(mounts: readonly Mount<T>[], host: string): Mount<T> | undefined {
  const first = mounts[0] as Mount<T>;
  // Mounts for one host stand before the one for all, so a lone mount for all needs no look at the host.
  if (first.vhost === null) return first;
  const name = hostName(host);
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i] as Mount<T>;
    if (mount.vhost === null || mount.vhost === name) return mount;
  }
  return undefined;
}

/** Host without port, lower-case. */
export function hostName(host: string): string {
  const colon = host.lastIndexOf(':');
  const bare = colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
  return bare.toLowerCase();
}

/** The next version of `Routes` while it is made. */
export class RoutesEdit<T> {
  readonly #mounts: ShardedMapEdit<readonly Mount<T>[]>;
  /** Number of base paths by depth. */
  readonly #byDepth = new Map<number, number>();

  constructor(mounts: ShardedMapEdit<readonly Mount<T>[]>) {
    this.#mounts = mounts;
  }

  /** Throws a RangeError when the base path is too deep. Of two mounts in the same place the later one answers. */
  add(mount: Mount<T>): void {
    const depth = depthOf(mount.basePath);
    if (depth > deepest) throw new RangeError(`the base path has ${depth} segments; at most ${deepest} are possible`);
    const before = this.#mounts.get(mount.basePath);
    if (before === undefined) this.#byDepth.set(depth, (this.#byDepth.get(depth) ?? 0) + 1);
    const all = [mount, ...(before ?? [])];
    all.sort((a, b) => Number(a.vhost === null) - Number(b.vhost === null));
    this.#mounts.set(mount.basePath, all);
  }

  remove(mount: Mount<T>): void {
    const before = this.#mounts.get(mount.basePath);
    if (before === undefined) return;
    const after = before.filter((other) => other !== mount);
    if (after.length > 0) {
      this.#mounts.set(mount.basePath, after);
      return;
    }
    this.#mounts.delete(mount.basePath);
    const depth = depthOf(mount.basePath);
    const left = (this.#byDepth.get(depth) ?? 1) - 1;
    if (left === 0) this.#byDepth.delete(depth);
    else this.#byDepth.set(depth, left);
  }

  finish(): Routes<T> {
    return new Routes(
      this.#mounts.finish(),
      [...this.#byDepth.keys()].sort((a, b) => b - a),
    );
  }
}
