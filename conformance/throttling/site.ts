import type { CustomRule, DenyCondition, DeployedApi, Plan, RuntimeEntry } from '@sluice/model';
import {
  application,
  deployedApi,
  entry,
  key,
  leaf,
  operation,
  subscription,
} from '../../packages/gateway/testing/entities.ts';
import { plan } from './plans.ts';

/** What a case serves. Everything that is left out is unlimited. */
export interface Site {
  /** The API `orders`, and beside it `stock`, which has the same plans. */
  readonly api?: Partial<DeployedApi>;
  readonly stock?: Partial<DeployedApi>;
  /** Advanced plan of both APIs. */
  readonly apiPlan?: Partial<Plan>;
  /** Advanced plan of every operation of both APIs. */
  readonly operationPlan?: Partial<Plan>;
  /** Plan of every subscription. */
  readonly subscription?: Partial<Plan>;
  /** Plan of every application. */
  readonly application?: Partial<Plan>;
  readonly deny?: readonly (DenyCondition & { readonly enabled?: boolean })[];
  readonly rules?: readonly Partial<CustomRule>[];
  readonly more?: readonly RuntimeEntry[];
}

/** Name of the plan of subscriptions and applications that a case limits. */
export const tested = 'tested';
/** Names of the advanced plans of APIs and of operations. */
export const [apiPlan, operationPlan] = ['of-the-api', 'of-operations'] as const;

/** Methods that both APIs take, on every path. */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const;

/** The API `orders` as a case changes it; its backend is at `url`. */
export function ordersApi(url: string, site: Site): DeployedApi {
  const throttlingPolicy = site.operationPlan ? operationPlan : 'Unlimited';
  return deployedApi({
    apiThrottlingPolicy: site.apiPlan ? apiPlan : null,
    operations: methods.map((method) => operation(method, '/*', { throttlingPolicy })),
    endpoints: { production: leaf(`${url}/production`), sandbox: leaf(`${url}/sandbox`) },
    ...site.api,
  });
}

/** A deny policy as the feed has it. */
export function denial(
  condition: DenyCondition & { readonly enabled?: boolean },
  id = `deny-${condition.type}`,
  organization = 'carbon.super',
): RuntimeEntry {
  const { enabled = true, ...rest } = condition;
  return { kind: 'denyPolicy', id, value: { id, organization, condition: rest as DenyCondition, enabled } };
}

/** A custom rule as the feed has it: `amount` calls in each window of `window` for each key of the template. */
export function rule(changes: Partial<CustomRule> = {}): RuntimeEntry {
  const value: CustomRule = {
    id: 'rule',
    organization: 'carbon.super',
    name: 'rule',
    description: '',
    keyTemplate: '$userId',
    siddhiQuery: eachUser(5),
    enabled: true,
    ...changes,
  };
  return { kind: 'customRule', id: value.id, value };
}

/** The usual shape of WSO2's queries: so many calls for everybody of whom `$userId` is the key, each by themselves. */
export function eachUser(amount: number, window = '1 min'): string {
  return siddhi({ select: 'userId', eligible: 'not (userId is null)', key: "str:concat(userId,'')", amount, window });
}

/** The parts of WSO2's own template that people change. */
export function siddhi(parts: {
  readonly select: string;
  readonly eligible: string;
  readonly key: string;
  readonly amount: number;
  readonly window: string;
}): string {
  const { select, eligible, key: throttleKey, amount, window } = parts;
  return `FROM RequestStream
SELECT ${select}, ( ${eligible} ) AS isEligible, ${throttleKey} as throttleKey
INSERT INTO EligibilityStream;
FROM EligibilityStream[isEligible==true]#throttler:timeBatch(${window})
SELECT throttleKey, (count(throttleKey) >= ${amount}) as isThrottled, expiryTimeStamp group by throttleKey
INSERT ALL EVENTS into ResultStream;`;
}

/** One plan as the feed has it. */
export function planEntry(value: Plan): RuntimeEntry {
  return { kind: 'plan', id: value.id, value };
}

/**
 * The picture: two APIs before the same backend, two applications that are subscribed to both. `client-1` and `client-1-sandbox` are keys of
 * the first one, `shop` of admin; `client-2` and `client-2-sandbox` of the second, `desk` of mary.
 */
export function entriesOf(url: string, site: Site): RuntimeEntry[] {
  const orders = ordersApi(url, site);
  const stock = ordersApi(url, {
    ...site,
    api: { ...site.api, id: 'api-2', name: 'stock', basePath: '/stock/1.0.0', ...site.stock },
  });
  const subscribed = site.subscription ? tested : 'Unlimited';
  const owned = site.application ? tested : 'Unlimited';
  return [
    ...(['application', 'subscription', 'advanced'] as const).map((kind) => planEntry(plan(kind, 'Unlimited'))),
    ...(site.apiPlan ? [planEntry(plan('advanced', apiPlan, site.apiPlan))] : []),
    ...(site.operationPlan ? [planEntry(plan('advanced', operationPlan, site.operationPlan))] : []),
    ...(site.subscription ? [planEntry(plan('subscription', tested, site.subscription))] : []),
    ...(site.application ? [planEntry(plan('application', tested, site.application))] : []),
    entry.api(orders),
    entry.api(stock),
    entry.application(application({ plan: owned })),
    entry.application(application({ id: 'app-2', name: 'desk', owner: 'mary', plan: owned })),
    ...[1, 2].flatMap((number) => [
      entry.key(key({ consumerKey: `client-${number}`, applicationId: `app-${number}` })),
      entry.key(key({ consumerKey: `client-${number}-sandbox`, applicationId: `app-${number}`, keyType: 'SANDBOX' })),
      ...[1, 2].map((api) =>
        entry.subscription(
          subscription({
            id: `subscription-${number}-${api}`,
            applicationId: `app-${number}`,
            apiId: `api-${api}`,
            plan: subscribed,
          }),
        ),
      ),
    ]),
    ...(site.deny ?? []).map((condition, index) => denial(condition, `deny-${index}`)),
    ...(site.rules ?? []).map((one, index) => rule({ id: `rule-${index}`, name: `rule-${index}`, ...one })),
    ...(site.more ?? []),
  ];
}
