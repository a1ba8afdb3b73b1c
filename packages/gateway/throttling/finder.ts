import type { ApiType, Log } from '@sluice/model';
import type { Ledger, Limit } from '@sluice/throttle';
import type { Exchange } from '../chain/exchange.ts';
import type { VerifiedToken } from '../chain/verified-token.ts';
import type { CompiledApi, CompiledOperation } from '../snapshot/api.ts';
import type { CompiledApplication, CompiledSubscription } from '../snapshot/snapshot.ts';
import { Allowance } from './allowance.ts';
import { qualifiedUser } from './conditions/user-name.ts';
import { Found } from './found.ts';
import type { LevelName } from './level.ts';
import type { Limits } from './limits.ts';
import type { CompiledPlan } from './plans.ts';

/** Bounds nothing, whatever a feed says about it, or does not say. */
const unlimited = 'Unlimited';
/** Governs calls without a token (wso2-gateway.md 6.4). */
const unauthenticated = 'Unauthenticated';
/** Govern calls with a token to what needs no subscription: APIs, and APIs of events. */
const subscriptionless = 'DefaultSubscriptionless';
const asyncSubscriptionless = 'AsyncDefaultSubscriptionless';
const implied: ReadonlySet<string> = new Set([unauthenticated, subscriptionless, asyncSubscriptionless]);
const eventTypes: ReadonlySet<ApiType> = new Set(['WS', 'SSE', 'WEBSUB', 'WEBHOOK', 'ASYNC']);

/** Names of plans that are remembered as missing, so that each is reported once. */
const mostMissing = 1000;

/** Addresses of callers without a token that are remembered; beyond these all are forgotten. */
const mostCallers = 10_000;

/** Looks up plans by their names, and the counters of their limits by their keys (wso2-gateway.md 7.1): once for each thing and state of the limits. */
export class Finder {
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #missing = new Set<string>();
  /** Of the API that each called last. */
  readonly #callers = new Map<string, Found>();

  constructor(ledger: Ledger, log: Log) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Fills in what limits calls of an operation, whoever calls. */
  operation(limits: Limits, api: CompiledApi, operation: CompiledOperation): void {
    const { found, source } = operation;
    const { basePath, version, organization, apiThrottlingPolicy, maxTps } = api.source;
    const whole = apiThrottlingPolicy !== null && apiThrottlingPolicy !== unlimited;
    const level = whole ? 'api' : 'operation';
    // The API's plan hides those of its operations.
    const name = whole ? apiThrottlingPolicy : source.throttlingPolicy;
    const key = whole ? `${basePath}:${version}` : `${basePath}/${version}${source.target}:${source.verb}`;
    const origin = whole ? `API ${api.label}` : `operation ${source.verb} ${source.target} of API ${api.label}`;
    const plan = this.#plan(limits, 'advanced', organization, name, origin);
    found.limits = limits;
    found.advanced = plan?.quota ? this.#allowance(level, plan.quota, key, plan, origin) : null;
    found.groups = plan?.groups ?? null;
    found.groupQuotas = (plan?.groupQuotas ?? []).map((limit, place) =>
      limit === null || plan === undefined
        ? null
        : this.#allowance(
            level,
            limit,
            `${key}_condition_${place}`,
            plan,
            `group ${place + 1} of the plan of ${origin}`,
          ),
    );
    found.production = this.#backend(api, maxTps?.production, 'PRODUCTION');
    found.sandbox = this.#backend(api, maxTps?.sandbox, 'SANDBOX');
  }

  subscription(limits: Limits, { found, source }: CompiledSubscription, api: CompiledApi): void {
    found.limits = limits;
    found.allowances = this.#business(limits, source.plan, source.applicationId, api);
  }

  /** `caller` stands in the key where an application would. */
  subscriptionless(limits: Limits, found: Found, api: CompiledApi, caller: string): void {
    found.limits = limits;
    found.subject = api;
    const name = eventTypes.has(api.source.type) ? asyncSubscriptionless : subscriptionless;
    found.allowances = this.#business(limits, name, caller, api);
  }

  /** Who has no token is known by the address. */
  unauthenticated(limits: Limits, api: CompiledApi, address: string): readonly Allowance[] {
    const found = this.#callerAt(address);
    if (found.limits !== limits || found.subject !== api) {
      found.limits = limits;
      found.subject = api;
      found.allowances = this.#business(limits, unauthenticated, address, api);
    }
    return found.allowances;
  }

  #callerAt(address: string): Found {
    let found = this.#callers.get(address);
    if (found === undefined) {
      if (this.#callers.size >= mostCallers) this.#callers.clear();
      found = new Found();
      this.#callers.set(address, found);
    }
    return found;
  }

  /** An application's plan counts each of its users by themselves. */
  application(limits: Limits, found: Found, application: CompiledApplication, token: VerifiedToken): void {
    const { id, name, organization, plan: planName } = application.source;
    const origin = `application ${name}`;
    const plan = this.#plan(limits, 'application', organization, planName, origin);
    const key = `${id}:${qualifiedUser(token.user, organization)}`;
    found.limits = limits;
    found.subject = application;
    found.allowances = this.#quotaAndBurst('application', 'application-burst', key, plan, origin);
  }

  /** Of the custom rules that concern a call. `address` is its client's. */
  rules({ rules }: Limits, exchange: Exchange, address: string): readonly Allowance[] {
    const found: Allowance[] = [];
    rules?.each(exchange, address, ({ source, limit }, key) => {
      // Two rules may make the same key of different calls.
      const counter = this.#ledger.counter('custom', limit, `${source.name}:${key}`);
      found.push(new Allowance('custom', counter, source.name, `custom rule ${source.name}`));
    });
    return found;
  }

  #business(limits: Limits, name: string, caller: string, api: CompiledApi): readonly Allowance[] {
    const { basePath, version, organization } = api.source;
    const origin = `API ${api.label}`;
    const plan = this.#plan(limits, 'subscription', organization, name, origin);
    const key = `${caller}:${basePath}:${version}:${name}`;
    return this.#quotaAndBurst('subscription', 'subscription-burst', key, plan, origin);
  }

  #quotaAndBurst(
    quota: LevelName,
    burst: LevelName,
    key: string,
    plan: CompiledPlan | undefined,
    origin: string,
  ): readonly Allowance[] {
    const found: Allowance[] = [];
    if (plan?.quota) found.push(this.#allowance(quota, plan.quota, key, plan, origin));
    if (plan?.burst) found.push(this.#allowance(burst, plan.burst, key, plan, origin));
    return found;
  }

  #allowance(level: LevelName, limit: Limit, key: string, plan: CompiledPlan, origin: string): Allowance {
    const { name, kind, stopOnQuotaReach } = plan.source;
    const counter = this.#ledger.counter(level, limit, key);
    return new Allowance(level, counter, name, origin, kind === 'subscription' && !stopOnQuotaReach);
  }

  #backend(
    api: CompiledApi,
    limit: { readonly count: number; readonly timeUnit: 'sec' | 'min' | 'hour' } | undefined,
    side: 'PRODUCTION' | 'SANDBOX',
  ): Allowance | null {
    if (limit === undefined) return null;
    const { basePath, version } = api.source;
    const window = { kind: 'first-call', millis: backendMillis[limit.timeUnit] } as const;
    const counter = this.#ledger.counter(
      'backend',
      { amount: limit.count, measure: 'calls', window },
      `${basePath}:${version}:${side}`,
    );
    return new Allowance('backend', counter, '', `maxTps of API ${api.label}`);
  }

  /**
   * Undefined where nothing limits. A plan that nobody has told of limits nothing either: the gateway may run over a folder that has APIs
   * alone, and a plan that is missing by mistake must not take an API away. It is reported once.
   */
  #plan(
    limits: Limits,
    kind: 'advanced' | 'subscription' | 'application',
    organization: string,
    name: string,
    origin: string,
  ): CompiledPlan | undefined {
    const plan = limits.plans.find(kind, organization, name);
    if (plan !== undefined || name === unlimited || name === '') return plan;
    const full = `${kind} ${organization} ${name}`;
    // Nobody chose those that are implied, so no gateway has to have them.
    if (!implied.has(name) && !this.#missing.has(full) && this.#missing.size < mostMissing) {
      this.#missing.add(full);
      this.#log.warn('A plan is not known here; it limits nothing until it is', {
        kind,
        organization,
        plan: name,
        origin,
      });
    }
    return undefined;
  }
}

const backendMillis = { sec: 1000, min: 60_000, hour: 3_600_000 } as const;
