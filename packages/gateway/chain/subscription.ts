import { type ApplicationStatus, type ErrorEntry, errors, type SubscriptionStatus } from '@sluice/model';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** What each status of a subscription answers with production and with sandbox keys; null lets the call pass (wso2-gateway.md 6.5). */
const bySubscription: Readonly<
  Record<SubscriptionStatus, { readonly PRODUCTION: ErrorEntry | null; readonly SANDBOX: ErrorEntry | null }>
> = {
  UNBLOCKED: { PRODUCTION: null, SANDBOX: null },
  TIER_UPDATE_PENDING: { PRODUCTION: null, SANDBOX: null },
  DELETE_PENDING: { PRODUCTION: null, SANDBOX: null },
  BLOCKED: { PRODUCTION: errors.subscriptionBlocked, SANDBOX: errors.subscriptionBlocked },
  PROD_ONLY_BLOCKED: { PRODUCTION: errors.subscriptionBlocked, SANDBOX: null },
  ON_HOLD: { PRODUCTION: errors.subscriptionInactive, SANDBOX: errors.subscriptionInactive },
  REJECTED: { PRODUCTION: errors.subscriptionInactive, SANDBOX: errors.subscriptionInactive },
};

/** Applications that nobody approved may not call; those with a change under way keep what they have. */
const inactive: ReadonlySet<ApplicationStatus> = new Set(['CREATED', 'REJECTED', 'ON_HOLD']);

/** Finds application and subscription of the token and refuses what they do not allow. Leaves `application`, `subscription` and `keyType`. */
export function checkSubscription(exchange: Exchange): boolean {
  const { token, api } = exchange;
  if (exchange.testKey || token === null || api === null) return true;
  exchange.keyType = token.key?.keyType ?? token.keyType;
  if (!exchange.settings.subscriptionCheck) return true;
  const application = token.application;
  const prototype = api.source.status === 'PROTOTYPED';
  if (application === undefined) return prototype || fail(exchange, errors.notSubscribed);
  exchange.application = application;
  if (inactive.has(application.source.status)) return fail(exchange, errors.subscriptionInactive);
  const subscription = application.subscriptions.get(api.source.id);
  if (subscription === undefined) return prototype || fail(exchange, errors.notSubscribed);
  exchange.subscription = subscription;
  const refusal = bySubscription[subscription.source.status][exchange.keyType];
  return refusal === null || fail(exchange, refusal);
}
