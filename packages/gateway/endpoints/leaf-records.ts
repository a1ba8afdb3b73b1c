import { hash } from 'node:crypto';
import { type ErrorEntry, errors, type LeafEndpoint, type Log } from '@sluice/model';
import { monotonic } from '../deadlines/clock.ts';
import { LeafLog } from './leaf-log.ts';
import type { LeafExchange, LeafNews } from './leaf-news.ts';
import { LeafSharing } from './leaf-sharing.ts';
import { LeafState } from './leaf-state.ts';
import { rulesOf, type SuspensionOptions, type SuspensionRules } from './suspension.ts';
import type { OutlierWatch } from './watch/outlier.ts';

/** Rests that end by their time, or by whoever gave them, and not by an answer. */
const heldReasons: ReadonlySet<string> = new Set([errors.endpointUnhealthy.key, errors.endpointOutlier.key]);

/** A leaf as operators see it: what it is, how it is, and what became of the calls to it. */
export class LeafRecord {
  readonly apiId: string;
  /** `name/version` of the API. */
  readonly api: string;
  readonly name: string;
  readonly url: string;
  /** What makes it the same leaf after a redeployment: all but how the gateway proves itself to it. */
  readonly definition: string;
  readonly state: LeafState;
  /** The fault that led to the state, by its row in the error catalogue; empty for none. */
  reason = '';
  /** Answers of the backend, and faults in their place, since the process knows it. */
  answers = 0;
  faults = 0;
  /** Calls of this process that are on their way there. */
  load = 0;
  /** Looks out for answers 5xx; null where nobody wants that. */
  outlier: OutlierWatch | null = null;
  readonly #changed: (record: LeafRecord, isNew: boolean) => void;
  #key: string | undefined;

  constructor(
    api: LeafOwner,
    leaf: LeafEndpoint,
    definition: string,
    rules: SuspensionRules,
    changed: (record: LeafRecord, isNew: boolean) => void,
  ) {
    this.apiId = api.id;
    this.api = api.label;
    this.name = leaf.name;
    this.url = leaf.url;
    this.definition = definition;
    this.state = new LeafState(rules, monotonic());
    this.#changed = changed;
  }

  /** `API id/leaf name`. */
  get id(): string {
    return `${this.apiId}/${this.name}`;
  }

  /** Tells it apart from what had its id before a redeployment. */
  get key(): string {
    this.#key ??= `${this.id} ${hash('sha256', this.definition, 'base64url').slice(0, 16)}`;
    return this.#key;
  }

  /** Whether a call may go there now. */
  get ready(): boolean {
    return this.state.isActive || this.state.ready(monotonic());
  }

  /** The backend answered a call. */
  answered(status = 200): void {
    this.answers++;
    if (this.outlier?.sees(status)) this.rest(this.outlier.duration, errors.endpointOutlier);
    else if (!this.state.isSettled && !this.#isHeld) this.recover();
  }

  /** Answers of calls that were sent before say nothing about whoever was found out since then. */
  get #isHeld(): boolean {
    return heldReasons.has(this.reason) && !this.state.ready(monotonic());
  }

  /** It gets no calls for so many milliseconds, or for so many more; `cause` says why. */
  rest(duration: number, { code, key }: ErrorEntry): void {
    const isNew = this.reason !== key;
    if (!this.state.rest(duration, code, monotonic())) return;
    this.reason = key;
    this.#changed(this, isNew);
  }

  /** It does what it should. */
  recover(): void {
    if (!this.state.succeeded(monotonic())) return;
    this.reason = '';
    this.#changed(this, true);
  }

  /** `reason` is the row of the fault in the error catalogue. */
  failed(code: number, reason: string): void {
    this.faults++;
    if (!this.state.failed(code, monotonic())) return;
    this.reason = reason;
    this.#changed(this, true);
  }

  /** What other processes need to know of its state. */
  news(): LeafNews {
    const { status, retryAt, remaining, lastDuration, cause, since } = this.state.facts;
    const now = monotonic();
    return {
      ...{ key: this.key, api: this.apiId, name: this.name, status },
      retryIn: Math.max(0, retryAt - now),
      ...{ remaining, lastDuration, cause, reason: this.reason, age: now - since },
    };
  }

  /** Another process, or an operator, knows better; nobody is told. */
  take({ status, retryIn, remaining, lastDuration, cause, reason, age }: LeafNews): void {
    const now = monotonic();
    this.reason = reason;
    if (status === 'active') this.state.switchOn(now);
    else if (status === 'off') this.state.switchOff(now);
    else this.state.take({ status, retryAt: now + retryIn, remaining, lastDuration, cause, since: now - age });
  }
}

/** An API, or what else has leaves; `label` is its `name/version`. */
export interface LeafOwner {
  readonly id: string;
  readonly label: string;
}

/** Who keeps the leaves of an API, and hears what becomes of them. */
interface LeafKeeper {
  /** A leaf is there now; `isBack` when it has been there before. */
  began(record: LeafRecord, isBack: boolean): void;
  /** `isNew` unless only its time is another one. */
  changed(record: LeafRecord, isNew: boolean): void;
  ended(record: LeafRecord): void;
  /** These are the leaves of the API from now on; the map goes on changing. */
  commit(leaves: ReadonlyMap<string, LeafRecord>): void;
}

/** The leaves of one API while it is compiled anew. */
export class LeafDeployment {
  readonly #api: LeafOwner;
  readonly #before: ReadonlyMap<string, LeafRecord>;
  readonly #now = new Map<string, LeafRecord>();
  readonly #suspension: SuspensionOptions;
  readonly #keeper: LeafKeeper;
  #isCommitted = false;

  constructor(
    api: LeafOwner,
    before: ReadonlyMap<string, LeafRecord>,
    suspension: SuspensionOptions,
    keeper: LeafKeeper,
  ) {
    this.#api = api;
    this.#before = before;
    this.#suspension = suspension;
    this.#keeper = keeper;
  }

  /** The record of a leaf: the one that it had, where it is still the same leaf. `isMember` of a group. */
  of(leaf: LeafEndpoint, isMember: boolean): LeafRecord {
    const definition = JSON.stringify([isMember, { ...leaf, security: null }]);
    const now = this.#now.get(leaf.name);
    if (now?.definition === definition) return now;
    const before = this.#before.get(leaf.name);
    const isBack = before?.definition === definition;
    const rules = rulesOf(leaf, isMember, this.#suspension);
    const record = isBack
      ? before
      : new LeafRecord(this.#api, leaf, definition, rules, (one, isNew) => this.#keeper.changed(one, isNew));
    this.#now.set(leaf.name, record);
    if (this.#isCommitted) this.#keeper.began(record, isBack);
    return record;
  }

  /** The leaf is no more, though the API still is in this form: calls went to it alone. */
  forget(name: string): void {
    const record = this.#now.get(name);
    this.#now.delete(name);
    if (record !== undefined) this.#keeper.ended(record);
  }

  /** The API is served in this form: leaves that it has no more are forgotten. Those that calls find later join them. */
  commit(): void {
    this.#isCommitted = true;
    this.#keeper.commit(this.#now);
    for (const record of this.#now.values()) {
      if (this.#before.get(record.name) !== record) this.#keeper.began(record, false);
    }
    for (const record of this.#before.values()) {
      if (this.#now.get(record.name) !== record) this.#keeper.ended(record);
    }
  }
}

const noLeaves: ReadonlyMap<string, LeafRecord> = new Map();

/** The leaves of all APIs. A redeployment that leaves one as it is leaves its state as it is. */
export class LeafRecords {
  readonly #byApi = new Map<string, ReadonlyMap<string, LeafRecord>>();
  readonly #log: LeafLog;
  readonly #suspension: SuspensionOptions;
  readonly #sharing: LeafSharing | undefined;

  /** With an exchange, states are those of all processes that have one. */
  constructor(log: Log, suspension: SuspensionOptions = {}, exchange?: LeafExchange) {
    this.#log = new LeafLog(log);
    this.#suspension = suspension;
    this.#sharing = exchange && new LeafSharing(exchange, (api, name) => this.#byApi.get(api)?.get(name));
  }

  /** Begins to compile an API. */
  deploy(api: LeafOwner): LeafDeployment {
    return new LeafDeployment(api, this.#byApi.get(api.id) ?? noLeaves, this.#suspension, {
      began: (record, isBack) => this.#sharing?.began(record, isBack),
      changed: (record, isNew) => {
        if (isNew) this.#log.changed(record);
        this.#sharing?.changed(record);
      },
      ended: (record) => this.#sharing?.ended(record),
      commit: (leaves) => void this.#byApi.set(api.id, leaves),
    });
  }

  /** The API is gone. */
  forget(apiId: string): void {
    for (const record of this.of(apiId)) this.#sharing?.ended(record);
    this.#byApi.delete(apiId);
  }

  /** The leaves of an API, in the order of its endpoints. */
  *of(apiId: string): Iterable<LeafRecord> {
    yield* (this.#byApi.get(apiId) ?? noLeaves).values();
  }

  *all(): Iterable<LeafRecord> {
    for (const leaves of this.#byApi.values()) yield* leaves.values();
  }

  /** Whether it is still what the API has under its name. */
  has(record: LeafRecord): boolean {
    return this.#byApi.get(record.apiId)?.get(record.name) === record;
  }
}
