/** A bound in time that held while a backend was asked. */
export interface StoryDeadline {
  /** As the table of deadlines calls it: `connect`, `endpoint`, `global`, `first-byte` … */
  readonly name: string;
  /** Its length in milliseconds. */
  readonly value: number;
  /** When it was to fire, or did: milliseconds since the attempt began. */
  readonly at: number;
  readonly setting: string;
  /** Where its value comes from: `deployment.toml:42`, `API orders/1.0.0 prod[1]`, `default`. */
  readonly origin: string;
}

/** One try to have a backend answer. */
export interface StoryAttempt {
  /** As the endpoint tree calls it: `prod`, `prod[1]`. */
  readonly endpoint: string;
  /** `host:port` that it went to. */
  readonly backend: string;
  /** Milliseconds since the call began, and how long it took. */
  readonly began: number;
  readonly took: number;
  /** How the request came to a connection: opened for it, kept from earlier calls, or not at all; undefined where it is not known. */
  readonly connection?: 'new' | 'kept' | 'none';
  /** The backend had given up a connection that was kept, and the request was sent again over a new one. */
  readonly resent?: true;
  /** Milliseconds until a new connection stood. */
  readonly connected?: number;
  /** Status of the backend's answer, and milliseconds until its first byte. */
  readonly status?: number;
  readonly firstByte?: number;
  /** Ordinal of WSO2's protocol state in which it failed or was broken off, and what it means. */
  readonly phase?: number;
  readonly phaseName?: string;
  /** Present when it failed. */
  readonly fault?: StoryFault;
  /** Bounds that held when it ended, the earliest first; the one that fired is not among them. */
  readonly pending: readonly StoryDeadline[];
}

/** How an attempt failed. */
export interface StoryFault {
  /** Row of the catalogue. */
  readonly cause: string;
  /** WSO2's `ERROR_CODE`, and the part of it that does not depend on the phase. */
  readonly code: number;
  readonly baseCode: number;
  readonly message: string;
  /** The deadline that fired. */
  readonly fired?: StoryDeadline;
  /** Whether the request could have been sent elsewhere, and whether it was. */
  readonly replayable: boolean;
  readonly wentOn: boolean;
  /** Why it was not. */
  readonly stayed?: StayReason;
}

/**
 * Why no other endpoint got a call that failed: `unsafe` to send twice; the endpoint is `alone`; its `retry-codes` or its group, which does `no-failover`, keep it
 * from that; a `session` is bound to it; others would fail the `same` way; the `budget` of further attempts is spent; `none-left` is ready and untried.
 */
export type StayReason =
  | 'unsafe'
  | 'alone'
  | 'retry-codes'
  | 'no-failover'
  | 'session'
  | 'same'
  | 'budget'
  | 'none-left';

/** An endpoint of the API as it was when the call was over. */
export interface StoryEndpoint {
  readonly name: string;
  /** Without what may be secret. */
  readonly url: string;
  readonly state: 'active' | 'timeout' | 'suspended' | 'off';
  /** Code of the fault that led there, and its row in the catalogue; 0 and empty for none. */
  readonly cause: number;
  readonly reason: string;
  /** Milliseconds until calls go to it again; absent for none to wait, null where an operator must switch it on. */
  readonly retryIn?: number | null;
}

/** An error that the gateway answered, in the row of the catalogue and with what is known of this one. */
export interface StoryError {
  readonly cause: string;
  /** Code as it was sent. */
  readonly code: number;
  readonly description: string;
  /** What can be done about it. */
  readonly remedy: string;
  /** The setting that governs it, its value here and where that comes from. */
  readonly setting?: string;
  readonly value?: number;
  readonly origin?: string;
}

/** What became of one call. */
export interface CallStory {
  /** The request id of the answer. */
  readonly id: string;
  /** Why it is kept: it failed at a backend or by a defect, the gateway would not let it through, its client went away, or it was drawn. */
  readonly kept: 'failed' | 'refused' | 'abandoned' | 'sampled';
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Id of the process of the gateway that had it. */
  readonly process: number;
  readonly client: string;
  /** Empty when the request could not be read. The path is without the query, which may hold secrets. */
  readonly method: string;
  readonly path: string;
  readonly correlation?: string;
  /** `name/version`. */
  readonly api?: string;
  /** Verb and template. */
  readonly operation?: string;
  readonly application?: string;
  readonly keyType?: 'PRODUCTION' | 'SANDBOX';
  /** Status that went to the client; 0 for none. */
  readonly status: number;
  /** How it ended: `complete`, or who broke it off. */
  readonly end: string;
  /** Milliseconds, all in all. */
  readonly duration: number;
  readonly error?: StoryError;
  readonly attempts: readonly StoryAttempt[];
  /** Attempts beyond those that are told. */
  readonly leftOut: number;
  /** States of the endpoints of the API, where one of them failed or none was ready. */
  readonly endpoints: readonly StoryEndpoint[];
}

/** Which stories are asked for. */
export interface StoryQuery {
  /** Part of request id, correlation, client, API, path or cause, without regard to case; absent finds all. */
  readonly search?: string;
  /** Exactly this kind. */
  readonly kept?: CallStory['kept'];
  readonly offset: number;
  readonly limit: number;
}

/** A page of stories, and how many there are. */
export interface StoryPage {
  readonly total: number;
  readonly calls: readonly CallStory[];
}

/** The stories that the processes of a gateway on this machine keep. Rejects when they cannot be asked now. */
export interface StoryDesk {
  /** Undefined when none keeps it, or keeps it any more. */
  find(id: string): Promise<CallStory | undefined>;
  /** The newest first. */
  list(query: StoryQuery): Promise<StoryPage>;
}
