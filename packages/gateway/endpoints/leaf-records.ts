import type { LeafEndpoint, Log } from '@sluice/model';
import { monotonic } from '../deadlines/clock.ts';
import { type LeafFacts, LeafState } from './leaf-state.ts';
import { rulesOf, type SuspensionOptions, type SuspensionRules } from './suspension.ts';

/** A leaf as operators see it: what it is, how it is, and what became of the calls to it. */
export class LeafRecord {
  /** `API id/leaf name`. */
  readonly id: string;
  /** `name/version` of the API. */
  readonly api: string;
  readonly name: string;
  readonly url: string;
  readonly state: LeafState;
  /** Answers of the backend, and faults in their place, since the process knows it. */
  answers = 0;
  faults = 0;
  /** Calls of this process that are on their way there. */
  load = 0;
  readonly #changed: (record: LeafRecord) => void;

  constructor(
    id: string,
    api: string,
    leaf: LeafEndpoint,
    rules: SuspensionRules,
    changed: (record: LeafRecord) => void,
  ) {
    this.id = id;
    this.api = api;
    this.name = leaf.name;
    this.url = leaf.url;
    this.state = new LeafState(rules, monotonic());
    this.#changed = changed;
  }

  /** Whether a call may go there now. */
  get ready(): boolean {
    return this.state.isActive || this.state.ready(monotonic());
  }

  answered(): void {
    this.answers++;
    if (!this.state.isSettled && this.state.succeeded(monotonic())) this.#changed(this);
  }

  failed(code: number): void {
    this.faults++;
    if (this.state.failed(code, monotonic())) this.#changed(this);
  }

  /** By an operator. */
  switch(on: boolean): void {
    if (on) this.state.switchOn(monotonic());
    else this.state.switchOff(monotonic());
    this.#changed(this);
  }

  /** Another process knows better; nobody is told. */
  take(facts: LeafFacts): void {
    this.state.take(facts);
  }
}

interface Known {
  /** What makes it the same leaf: all but how the gateway proves itself to it. */
  readonly definition: string;
  readonly record: LeafRecord;
}

/** The leaves of one API while it is compiled anew. */
export class LeafDeployment {
  readonly #api: { readonly id: string; readonly label: string };
  readonly #before: ReadonlyMap<string, Known>;
  readonly #now = new Map<string, Known>();
  readonly #suspension: SuspensionOptions;
  readonly #changed: (record: LeafRecord) => void;
  readonly #commit: (leaves: ReadonlyMap<string, Known>) => void;

  constructor(
    api: { readonly id: string; readonly label: string },
    before: ReadonlyMap<string, Known>,
    suspension: SuspensionOptions,
    changed: (record: LeafRecord) => void,
    commit: (leaves: ReadonlyMap<string, Known>) => void,
  ) {
    this.#api = api;
    this.#before = before;
    this.#suspension = suspension;
    this.#changed = changed;
    this.#commit = commit;
  }

  /** The record of a leaf: the one that it had, where it is still the same leaf. `isMember` of a group. */
  of(leaf: LeafEndpoint, isMember: boolean): LeafRecord {
    const definition = JSON.stringify([isMember, { ...leaf, security: null }]);
    const known = this.#now.get(leaf.name) ?? this.#before.get(leaf.name);
    const { id, label } = this.#api;
    const record =
      known?.definition === definition
        ? known.record
        : new LeafRecord(`${id}/${leaf.name}`, label, leaf, rulesOf(leaf, isMember, this.#suspension), this.#changed);
    this.#now.set(leaf.name, { definition, record });
    return record;
  }

  /** The leaf is no more, though the API still is in this form: calls went to it alone. */
  forget(name: string): void {
    this.#now.delete(name);
  }

  /** The API is served in this form: leaves that it has no more are forgotten. Those that calls find later join them. */
  commit(): void {
    this.#commit(this.#now);
  }
}

/** The leaves of all APIs. A redeployment that leaves one as it is leaves its state as it is. */
export class LeafRecords {
  readonly #byApi = new Map<string, ReadonlyMap<string, Known>>();
  readonly #log: Log;
  readonly #suspension: SuspensionOptions;
  readonly #changed: (record: LeafRecord) => void;

  /** `changed` is told of every change of a state that began in this process. */
  constructor(log: Log, suspension: SuspensionOptions = {}, changed: (record: LeafRecord) => void = () => {}) {
    this.#log = log;
    this.#suspension = suspension;
    this.#changed = changed;
  }

  /** Begins to compile an API; `label` is its `name/version`. */
  deploy(api: { readonly id: string; readonly label: string }): LeafDeployment {
    return new LeafDeployment(
      api,
      this.#byApi.get(api.id) ?? new Map(),
      this.#suspension,
      (record) => this.#tell(record),
      (leaves) => {
        this.#byApi.set(api.id, leaves);
      },
    );
  }

  /** The API is gone. */
  forget(apiId: string): void {
    this.#byApi.delete(apiId);
  }

  /** The leaves of an API, in the order of its endpoints. */
  *of(apiId: string): Iterable<LeafRecord> {
    for (const { record } of this.#byApi.get(apiId)?.values() ?? []) yield record;
  }

  *all(): Iterable<LeafRecord> {
    for (const leaves of this.#byApi.values()) for (const { record } of leaves.values()) yield record;
  }

  #tell(record: LeafRecord): void {
    const { status, retryAt, lastDuration, remaining, cause } = record.state.facts;
    const facts = { api: record.api, endpoint: record.name };
    const retryIn = Math.max(0, Math.round(retryAt - monotonic()));
    if (status === 'suspended') {
      this.#log.warn('An endpoint is suspended', { ...facts, cause, duration: lastDuration, retryIn });
    } else if (status === 'timeout') {
      this.#log.warn('An endpoint timed out; it is not suspended yet', { ...facts, cause, remaining, retryIn });
    } else this.#log.info(status === 'off' ? 'An endpoint is switched off' : 'An endpoint is active again', facts);
    this.#changed(record);
  }
}
