import type { Log } from '@sluice/model';

/** A server's address. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Certificates for Redis over TLS, as PEM. */
export interface RedisTls {
  /** Authorities to trust instead of those of the system. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** Name that the server's certificate must have, where it is not the host. */
  readonly servername?: string;
}

/** Where Redis is, and how to come in. */
export interface RedisConnection {
  readonly at:
    | { readonly kind: 'server'; readonly address: RedisAddress }
    | { readonly kind: 'socket'; readonly path: string }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly RedisAddress[];
        /** Name under which the sentinels watch the master. */
        readonly name: string;
        readonly username?: string;
        readonly password?: string;
        /** Speaks TLS with the sentinels. */
        readonly tls?: RedisTls;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] };
  readonly username?: string;
  readonly password?: string;
  /** Number of the database; 0 in a cluster. */
  readonly database: number;
  readonly tls?: RedisTls;
  /** Longest wait for a connection, in milliseconds. */
  readonly connectTimeout: number;
}

/** What a pool in Redis needs to know. */
export interface RedisPoolOptions {
  readonly redis: RedisConnection;
  /** Names the installation: the same after a restart, different for each gateway. */
  readonly home: string;
  /** What a gateway does while Redis is away (`sluice.throttle.fail`). */
  readonly fail: 'closed' | 'local-share' | 'open';
  /** Milliseconds after which a gateway that was not heard of loses its share. */
  readonly forgetAfter: number;
  /** Milliseconds within which every request is answered. */
  readonly answerWithin: number;
  readonly log: Log;
}
