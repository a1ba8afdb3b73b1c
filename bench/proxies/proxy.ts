import type { Workbench } from '../machine/workbench.ts';

/** An API of a measurement: calls below its prefix go to the backend, which answers by the path. */
export interface Route {
  readonly name: string;
  /** `/name/1.0.0`. */
  readonly prefix: string;
  readonly answer: 'small' | 'large';
  /** Whether the load calls it. */
  readonly called: boolean;
}

/** What a program is started with. */
export interface Site {
  readonly bench: Workbench;
  /** Processor that it runs on. */
  readonly core: number;
  readonly routes: readonly Route[];
  readonly backendPort: number;
  /** PEM file with a private key and its certificate, for programs that do not make their own. */
  readonly certificateFile: string;
  /** Of a Redis on the other processor, where the comparison is about shared counters. */
  readonly redisPort?: number;
}

export interface RunningProxy {
  /** The process that stands for all that the program started. */
  readonly pid: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Value of the Authorization header, where the program proves it. */
  readonly authorization?: string;
  /** Whether another program is in the same process: see `prefixIn`. */
  readonly isGuest?: boolean;
  /** Where its REST APIs are, for a program that is served within it. */
  readonly controlUrl?: string;
  stop(): Promise<void>;
}

/** A program under comparison. */
export interface ProxyProgram {
  /** Name on the command line and in the JSON. */
  readonly key: string;
  /** What it is and does, in a few words. */
  readonly title: string;
  /** Part of a quick run. */
  readonly quick: boolean;
  /** Command that must be installed, besides Node.js. */
  readonly needs?: string;
  /** Compiles its own code while it runs, so that its first calls cost more. */
  readonly warmsUp: boolean;
  /** One of the usual gateways of Node.js. */
  readonly peer?: boolean;
  /** Turns away calls without a key or token. */
  readonly guarded: boolean;
  /** Chooses the API by the path by itself; without, it cannot serve many APIs. */
  readonly routes: boolean;
  /**
   * Key of the program, earlier in the list, in whose process this one is served. Two processes of the same program differ by more than some
   * of what is compared here, as long as they live: by where their memory lies, and by what was compiled when.
   */
  readonly within?: string;
  /** `host` is the running one of `within`. */
  start(site: Site, host?: RunningProxy): Promise<RunningProxy>;
}

/** Where a program serves a route. Guests have paths of their own, as long as those of their hosts: the comparison is not to be about paths. */
export function prefixIn({ isGuest }: Pick<RunningProxy, 'isGuest'>, { prefix }: Route): string {
  return isGuest ? `/g${prefix.slice(2)}` : prefix;
}

/** The API key that the load sends in `apikey`. */
export const loadKey = 'f0a1c9d2-7b64-4f0e-9a3d-58c1e6b7d204';

/** Keys that a program with a key check knows: that of the load among others, as in a real installation. */
export function knownKeys(): string[] {
  return [loadKey, ...Array.from({ length: 199 }, () => crypto.randomUUID())];
}
