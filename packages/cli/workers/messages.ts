import type { GatewayOptions, GatewayStatistics, GatewayTls, LeafNews, LeafRow, SessionNews } from '@sluice/gateway';
import type { CallStory, FeedEvent, RuntimeEntry, StoryPage, StoryQuery } from '@sluice/model';
import type { WireLease, WireRequest } from './lease-wire.ts';

/** What of a gateway's options passes from one process to another: plain data. The order of the listeners is that of the sockets. */
export type WorkerOptions = Omit<
  GatewayOptions,
  | 'source'
  | 'log'
  | 'snapshotFile'
  | 'onSwap'
  | 'listenWhenReady'
  | 'accessLog'
  | 'anotherSocket'
  | 'onPause'
  | 'authority'
  | 'clock'
  | 'leafExchange'
  | 'sessionExchange'
> & {
  readonly accessLog?: { readonly to: string; readonly pattern?: string };
};

/** What a worker asks of the feed. A stream has a number, chosen by the worker. */
export type FeedRequest =
  | { readonly kind: 'snapshot'; readonly stream: number }
  | { readonly kind: 'events'; readonly stream: number; readonly after: number }
  /** So many items were taken: as many more may be sent. */
  | { readonly kind: 'taken'; readonly stream: number; readonly items: number }
  | { readonly kind: 'leave'; readonly stream: number };

/** What the feed answers. */
export type FeedAnswer =
  | { readonly kind: 'entries'; readonly stream: number; readonly entries: readonly RuntimeEntry[] }
  | { readonly kind: 'event'; readonly stream: number; readonly event: FeedEvent }
  /** The end of a snapshot, and what it is of. */
  | { readonly kind: 'whole'; readonly stream: number; readonly environment: string; readonly sequence: number }
  /** The end of a stream that failed; `gap` as `FeedGapError`. */
  | { readonly kind: 'away'; readonly stream: number; readonly reason: string; readonly gap: boolean };

/** Items (entries or events) of one stream that may be on their way. It bounds what a slow worker costs the main process. */
export const feedWindow = 512;

/** Asks the machine's authority for leases. A batch has a number, chosen by the worker. */
export interface LeaseWish {
  readonly kind: 'wish';
  readonly batch: number;
  readonly requests: readonly WireRequest[];
}

/** What the authority grants of a batch. */
export interface LeaseGrant {
  readonly kind: 'grant';
  readonly batch: number;
  readonly leases: readonly WireLease[];
}

/** What was counted in the open window is forgotten. */
export interface CounterReset {
  readonly kind: 'reset';
  readonly counter: string;
}

/** Asks for stories of calls: that of one id, or the newest that fit. A question has a number, chosen by the main process. */
export interface StoryQuestion {
  readonly kind: 'stories-of';
  readonly question: number;
  readonly wanted: string | StoryQuery;
}

/** What the worker keeps of them. */
export interface StoryAnswer {
  readonly kind: 'stories';
  readonly question: number;
  readonly page: StoryPage;
}

/** The stories that a worker leaves behind when it ends in order. */
export interface StoryLegacy {
  readonly kind: 'legacy';
  readonly calls: readonly CallStory[];
}

/** States of leaves that began in a worker, and leaves that it has no more. A batch has a number, chosen by the worker, one more than the last. */
export interface LeafTelling {
  readonly kind: 'leaf-states';
  readonly batch: number;
  readonly news: readonly LeafNews[];
  readonly gone: readonly string[];
}

/** States that are to hold in a worker, and leaves that others have no more. `heard` is the last batch of the worker that they were told after. */
export interface LeafTidings {
  readonly kind: 'leaf-states';
  readonly heard: number;
  readonly news: readonly LeafNews[];
  readonly gone: readonly string[];
}

/** Sessions that began, went on or ended with members of groups: told by a worker, or to it. */
export interface SessionTidings {
  readonly kind: 'sessions';
  readonly news: readonly SessionNews[];
}

/** Asks for leaves: all, or those that have had calls. A question has a number, chosen by the main process, from 1. */
export interface LeafQuestion {
  readonly kind: 'leaves-of';
  readonly question: number;
  readonly all: boolean;
}

/** A part of the answer. A worker that ends says at its end, as an answer to question 0, which leaves have had calls. */
export interface LeafAnswer {
  readonly kind: 'leaves';
  readonly question: number;
  readonly rows: readonly LeafRow[];
  readonly isLast: boolean;
}

/** From the main process to a worker. */
export type ToWorker =
  /** Comes with the handle of a bound socket; one for each listener, in order. */
  | { readonly kind: 'socket' }
  | {
      readonly kind: 'serve';
      readonly options: WorkerOptions;
      /** Folder of the log. */
      readonly logs: string;
      /** Milliseconds between signs of life. */
      readonly beat: number;
      /** True takes connections only when there is a picture: others serve until then. */
      readonly listenWhenReady: boolean;
      /** Milliseconds for calls in flight when the main process goes away. */
      readonly patience: number;
    }
  /** Comes with another handle on the socket of that listener, which was asked for. */
  | { readonly kind: 'another-socket'; readonly listener: number }
  /** Certificates that were read anew. */
  | { readonly kind: 'tls'; readonly tls: GatewayTls }
  | { readonly kind: 'drain'; readonly millis: number; readonly grace: number }
  | LeaseGrant
  | CounterReset
  | StoryQuestion
  | LeafTidings
  | SessionTidings
  | LeafQuestion
  | FeedAnswer;

/** From a worker to the main process. */
export type FromWorker =
  /** A sign of life, with the counters once there is a gateway, and the sequence number of the picture it serves. */
  | { readonly kind: 'alive'; readonly sequence: number; readonly statistics?: GatewayStatistics }
  | { readonly kind: 'ready' }
  /** It cannot serve; `port` is the taken one. */
  | { readonly kind: 'failed'; readonly reason: string; readonly port?: number }
  | { readonly kind: 'drained'; readonly abandoned: number }
  /** Asks for another handle on the socket of that listener. */
  | { readonly kind: 'another-socket'; readonly listener: number }
  | LeaseWish
  | StoryAnswer
  | StoryLegacy
  | LeafTelling
  | SessionTidings
  | LeafAnswer
  | FeedRequest;
