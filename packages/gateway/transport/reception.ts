import type { Backends } from './backend-pool.ts';
import type { CallHandler } from './call.ts';

/** A client's connection as its listener sees it. */
export interface OpenConnection {
  /** A call is being answered on it. */
  readonly busy: boolean;
  /**
   * Ends the connection now if nothing is being answered, else after the answer. With a grace it ends only when the client was told
   * so in an answer, or has sent nothing for that long: a request that crosses with the end would be lost.
   */
  drain(): void;
  /** Ends the connection and what it carries at once. */
  abandon(): void;
}

/** What a connection shares with the others of its listener. */
export interface Reception {
  readonly handler: CallHandler;
  readonly backends: Backends;
  readonly secure: boolean;
  readonly port: number;
  /** A client that closes its sending side still gets its answer; otherwise that counts as having gone away. */
  readonly halfClose: boolean;
  /** Answers are the last ones of their connections. */
  readonly draining: boolean;
  /** Milliseconds for which a draining connection may still bring a request; 0 takes none. */
  readonly grace: number;
  arrived(connection: OpenConnection): void;
  left(connection: OpenConnection): void;
}
