import type { Log } from '@sluice/model';
import type { Charges, Clock, Ledger } from '@sluice/throttle';
import type { Exchange } from '../chain/exchange.ts';
import { FaultLog } from '../chain/fault-log.ts';
import { defaultGraphqlBounds, type GraphqlBounds } from '../graphql/options.ts';
import type { CompiledApi, CompiledOperation } from '../snapshot/api.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { CallOutcome } from '../transport/call.ts';
import type { Allowance } from './allowance.ts';
import { Bill } from './bill.ts';
import { ClientAddress } from './client-address.ts';
import { EventLedger } from './events/event-ledger.ts';
import { type EventLimits, EventQuota } from './events/event-quota.ts';
import { Finder } from './finder.ts';
import { CallerFound, type Found } from './found.ts';
import { conditionSwitches, type Limits, noLimits } from './limits.ts';
import type { ThrottlingOptions } from './options.ts';
import { rateLimitLines } from './rate-limit-fields.ts';
import { deny, refuse } from './refuse.ts';
import { ThrottlingCounts, type ThrottlingStatistics } from './statistics.ts';

const none: readonly Allowance[] = [];

/**
 * Holds calls against the limits that concern them, in WSO2's order (wso2-gateway.md 7.1). A call takes of all its counters or of none,
 * before anything of it is sent; that is decided at once from what this process holds, except for the first calls of a window.
 */
export class Throttler implements EventLimits {
  readonly counts = new ThrottlingCounts();
  readonly log: FaultLog;
  readonly graphql: GraphqlBounds;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #events: EventLedger;
  readonly #finder: Finder;
  readonly #address: ClientAddress;
  readonly #countsResponses: boolean;
  /** Answers tell what is left. */
  readonly #tells: boolean;
  /** What rules say of a token holds for its further calls: none may ask what differs from call to call. */
  readonly #rulesKept: boolean;
  /** Of the call at hand, where none is kept. */
  readonly #bill = new Bill();
  /** The picture in force, for calls that live longer than theirs. */
  #snapshot: Snapshot | null = null;

  /** Throws a RangeError where a trusted proxy is no address. */
  constructor(ledger: Ledger, clock: Clock, options: ThrottlingOptions, log: Log) {
    this.log = new FaultLog(log, 'A call was throttled');
    this.graphql = { ...defaultGraphqlBounds, ...options.graphql };
    this.#ledger = ledger;
    this.#clock = clock;
    this.#events = new EventLedger(ledger, clock, this.counts, this.log);
    this.#finder = new Finder(ledger, log);
    this.#address = new ClientAddress(options.trustedProxies ?? []);
    this.#countsResponses = options.countResponseBytes ?? false;
    this.#tells = options.rateLimitHeaders ?? false;
    const { headers, queryParameters } = conditionSwitches(options);
    this.#rulesKept = !headers && !queryParameters;
  }

  get statistics(): ThrottlingStatistics {
    return this.counts.statistics;
  }

  /** False when a deny policy shuts the call out. */
  letIn(exchange: Exchange): boolean {
    const { deny: policies } = exchange.snapshot.limits;
    const address = this.#address.of(exchange.call);
    const denied = policies === null ? null : policies.find(exchange, address);
    if (denied === null) return true;
    this.counts.denied++;
    return deny(exchange, { denied, address, now: this.#clock.epoch() }, this.log);
  }

  /** True: go on. False: it was refused, or waits and goes on by itself. */
  admit(exchange: Exchange): boolean {
    const { api, operation } = exchange;
    if (api === null || operation === null) return true;
    const bill = this.#billOf(exchange, api, operation, exchange.snapshot.limits);
    const { charges, allowances } = bill;
    if (charges.length === 0) return true;
    switch (this.#ledger.take(charges, this.#clock.epoch())) {
      case 'admitted':
        this.#admitted(exchange, charges, allowances);
        return true;
      case 'refused':
        return this.#refused(exchange, charges, allowances);
      case 'waiting':
        this.#park(exchange, bill);
        return false;
    }
  }

  /** Another picture is in force. */
  swap(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  get limits(): Limits {
    return this.#snapshot?.limits ?? noLimits;
  }

  eventAllowances(exchange: Exchange): readonly Allowance[] {
    const { api, operation, application } = exchange;
    if (api === null || operation === null) return none;
    if (this.#snapshot !== null) exchange.snapshot = this.#snapshot;
    const { snapshot } = exchange;
    // What was taken away meanwhile counts as it was until the connection ends.
    exchange.application = snapshot.applications.get(application?.source.id ?? '') ?? application;
    exchange.subscription = exchange.application?.subscriptions.get(api.source.id) ?? exchange.subscription;
    const { limits } = snapshot;
    const met = this.#madeOut(exchange, api, operation, limits, this.#group(exchange, api, operation, limits)).met();
    if (exchange.owing !== null) exchange.owing = met.filter(({ measure }) => measure === 'bytes');
    return met.filter(({ measure }) => measure === 'events');
  }

  /** The call is over: what was not known before is counted now, and a call that still waits gives up. */
  ended(exchange: Exchange, outcome: CallOutcome): void {
    exchange.parked?.cancel();
    exchange.gatekeeper?.close();
    if (exchange.owing !== null) this.#pay(exchange, exchange.owing, outcome.bytesIn, outcome.bytesOut);
  }

  /**
   * Whether a WebSocket goes on that has let so many bytes pass: those of the last second are charged, and where nothing is left of a quota it
   * ends, as it could not begin now.
   */
  goesOn(exchange: Exchange, bytesIn: number, bytesOut: number): boolean {
    if (exchange.owing === null) return true;
    if (exchange.snapshot.limits !== this.limits) this.eventAllowances(exchange);
    const { owing } = exchange;
    this.#pay(exchange, owing, bytesIn, bytesOut);
    return owing.every(({ soft, counter }) => soft || counter.left > 0);
  }

  /** Charges what came since the last time. */
  #pay(exchange: Exchange, owing: readonly Allowance[], bytesIn: number, bytesOut: number): void {
    const unknown = exchange.call.contentLength < 0 || exchange.tunnelled ? bytesIn : 0;
    const bytes = unknown + (this.#countsResponses ? bytesOut : 0) - exchange.paid;
    if (bytes <= 0) return;
    exchange.paid += bytes;
    for (let i = 0; i < owing.length; i++) this.#ledger.charge((owing[i] as Allowance).counter, bytes);
  }

  /** What answers say of the limits that a call met. */
  lines(exchange: Exchange, allowances: readonly Allowance[]): string {
    return rateLimitLines(exchange, allowances, this.#clock.epoch());
  }

  /** What a call meets: what its token met with its last call, where that was of the same kind. */
  #billOf(exchange: Exchange, api: CompiledApi, operation: CompiledOperation, limits: Limits): Bill {
    const { token } = exchange;
    const isAlike =
      token !== null &&
      !exchange.testKey &&
      operation.parts === undefined &&
      (limits.rules === null || this.#rulesKept) &&
      !hasEvents(exchange);
    const group = this.#group(exchange, api, operation, limits);
    if (!isAlike) return this.#madeOut(exchange, api, operation, limits, group);
    token.found ??= new CallerFound();
    const { bill } = token.found;
    const address = limits.rules === null ? '' : this.#address.of(exchange.call);
    const kept = bill.find(exchange, limits, operation, group, address);
    if (kept !== null) return kept;
    const made = this.#madeOut(exchange, api, operation, limits, group);
    bill.keep(made);
    return made;
  }

  /** `group` is the conditional group of the operation that the call is in. */
  #madeOut(exchange: Exchange, api: CompiledApi, operation: CompiledOperation, limits: Limits, group: number): Bill {
    const { found, parts } = operation;
    const { token, keyType } = exchange;
    this.#bill.clear();
    this.#advanced(exchange, operation, group);
    // A plan of the whole API was met already.
    if (parts !== undefined && found.advanced === null && found.groups === null) {
      for (const part of parts) this.#advanced(exchange, part, this.#group(exchange, api, part, limits));
    }
    // A test key is of no application and no plan.
    if (token === null)
      this.#addAll(exchange, this.#finder.unauthenticated(limits, api, this.#address.of(exchange.call)));
    else if (!exchange.testKey) {
      this.#addAll(exchange, this.#subscription(exchange, api, limits));
      this.#addAll(exchange, this.#application(exchange, limits));
    }
    if (limits.rules !== null) this.#addAll(exchange, this.#rules(exchange, limits));
    const backend = keyType === 'PRODUCTION' ? found.production : found.sandbox;
    if (backend !== null) this.#add(exchange, backend);
    return this.#bill;
  }

  #advanced(exchange: Exchange, { found }: CompiledOperation, group: number): void {
    const quota = group < 0 ? found.advanced : (found.groupQuotas[group] ?? null);
    if (quota !== null) this.#add(exchange, quota);
  }

  /** Place of the conditional group that the call is in; -1 is in none. */
  #group(exchange: Exchange, api: CompiledApi, operation: CompiledOperation, limits: Limits): number {
    const { found } = operation;
    if (found.limits !== limits) this.#finder.operation(limits, api, operation);
    return found.groups === null ? -1 : found.groups.find(exchange, this.#address.of(exchange.call));
  }

  #subscription(
    { subscription, token, application }: Exchange,
    api: CompiledApi,
    limits: Limits,
  ): readonly Allowance[] {
    if (subscription !== null) {
      if (subscription.found.limits !== limits) this.#finder.subscription(limits, subscription, api);
      return subscription.found.allowances;
    }
    if (token === null) return none;
    token.found ??= new CallerFound();
    const found = token.found.subscriptionless;
    if (found.limits !== limits || found.subject !== api) {
      this.#finder.subscriptionless(limits, found, api, application?.source.id ?? token.consumerKey);
    }
    return found.allowances;
  }

  #application({ application, token }: Exchange, limits: Limits): readonly Allowance[] {
    if (application === null || token === null) return none;
    token.found ??= new CallerFound();
    const found = token.found.application;
    if (found.limits !== limits || found.subject !== application) {
      this.#finder.application(limits, found, application, token);
    }
    return found.allowances;
  }

  #rules(exchange: Exchange, limits: Limits): readonly Allowance[] {
    const { token, application, operation } = exchange;
    const address = this.#address.of(exchange.call);
    if (token === null || !this.#rulesKept) return this.#finder.rules(limits, exchange, address);
    token.found ??= new CallerFound();
    const { found } = token;
    const kept: Found = found.rules;
    if (
      kept.limits !== limits ||
      kept.subject !== operation ||
      found.rulesOf !== application ||
      found.rulesFrom !== address
    ) {
      kept.limits = limits;
      kept.subject = operation;
      found.rulesOf = application;
      found.rulesFrom = address;
      kept.allowances = this.#finder.rules(limits, exchange, address);
    }
    return kept.allowances;
  }

  #addAll(exchange: Exchange, allowances: readonly Allowance[]): void {
    for (let i = 0; i < allowances.length; i++) this.#add(exchange, allowances[i] as Allowance);
  }

  #add(exchange: Exchange, allowance: Allowance): void {
    const isStream = allowance.measure === 'events' && hasEvents(exchange);
    this.#bill.add(allowance, unitsOf(allowance, exchange.call.contentLength, isStream));
  }

  #admitted(exchange: Exchange, charges: Charges, allowances: readonly Allowance[]): void {
    for (let place = 0; place < charges.length; place++) {
      const allowance = allowances[place] as Allowance;
      if (place === charges.passed) {
        exchange.passed = allowance;
        this.counts.passed(allowance.level);
      } else this.counts.admitted(allowance.level);
      if (allowance.measure === 'bytes') this.#owe(exchange, allowance);
      else if (allowance.measure === 'events' && hasEvents(exchange)) {
        exchange.gatekeeper ??= new EventQuota(this, this.#events, exchange);
      }
    }
    if (this.#tells) exchange.allowances = allowances.slice(0, charges.length);
  }

  /** Remembers what the end of the call tells how much of it is to be paid. */
  #owe(exchange: Exchange, allowance: Allowance): void {
    const { call } = exchange;
    if (call.contentLength >= 0 && call.head.webSocketKey === null && !this.#countsResponses) return;
    exchange.owing ??= [];
    exchange.owing.push(allowance);
  }

  #refused(exchange: Exchange, charges: Charges, allowances: readonly Allowance[]): false {
    const allowance = allowances[charges.at] as Allowance;
    if (charges.cause === 'away') this.counts.unasked++;
    else this.counts.refused(allowance.level);
    if (this.#tells) exchange.allowances = allowances.slice(0, charges.length);
    const units = charges.units(charges.at);
    return refuse(exchange, allowance, { cause: charges.cause, units, now: this.#clock.epoch() }, this.log);
  }

  #park(exchange: Exchange, bill: Bill): void {
    this.counts.waited++;
    const allowances = bill.met();
    exchange.parked = this.#ledger.wait(bill.charges, (verdict, charges) => {
      exchange.parked = null;
      exchange.settings.decided(exchange, () => {
        if (verdict === 'refused') return this.#refused(exchange, charges, allowances);
        this.#admitted(exchange, charges, allowances);
        return true;
      });
    });
  }
}

/** The messages of a WebSocket and what a stream sends are events; of other APIs the calls are. */
function hasEvents({ call, api }: Exchange): boolean {
  return call.head.webSocketKey !== null || api?.source.type === 'SSE';
}

/** What a call costs there. 0 asks whether anything is left: the rest is known when it has come. */
function unitsOf({ measure }: Allowance, contentLength: number, isStream: boolean): number {
  if (measure === 'bytes') return Math.max(0, contentLength);
  return isStream ? 0 : 1;
}
