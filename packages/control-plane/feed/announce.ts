import type {
  Application,
  CustomRule,
  DenyPolicy,
  KeyMapping,
  Plan,
  RuntimeEntry,
  SharedEndpoint,
  Subscription,
} from '@sluice/model';
import type { FeedWriter } from '@sluice/store';

/**
 * The consumers' rows as gateways see them. Both the snapshot and the events are made from these functions,
 * so a gateway that resumes and one that starts anew hold the same picture.
 */
export function applicationEntry(application: Application): RuntimeEntry & { kind: 'application' } {
  const { id, organization, name, owner, status } = application;
  return {
    kind: 'application',
    id,
    value: { id, organization, name, owner, plan: application.throttlingPolicy, status },
  };
}

export function keyEntry(mapping: KeyMapping): RuntimeEntry & { kind: 'key' } {
  const { consumerKey, keyManager, applicationId, keyType } = mapping;
  return { kind: 'key', id: keyId(mapping), value: { consumerKey, keyManager, applicationId, keyType } };
}

export function subscriptionEntry(subscription: Subscription): RuntimeEntry & { kind: 'subscription' } {
  const { id, apiId, applicationId, plan, status } = subscription;
  return { kind: 'subscription', id: subscriptionId(subscription), value: { id, apiId, applicationId, plan, status } };
}

export function planEntry(plan: Plan): RuntimeEntry & { kind: 'plan' } {
  return { kind: 'plan', id: plan.id, value: plan };
}

export function denyPolicyEntry(policy: DenyPolicy): RuntimeEntry & { kind: 'denyPolicy' } {
  return { kind: 'denyPolicy', id: policy.id, value: policy };
}

export function customRuleEntry(rule: CustomRule): RuntimeEntry & { kind: 'customRule' } {
  return { kind: 'customRule', id: rule.id, value: rule };
}

/** Gateways look shared endpoints up by organization and name. Secrets are sealed, as the store keeps them. */
export function sharedEndpointEntry(endpoint: SharedEndpoint): RuntimeEntry & { kind: 'endpoint' } {
  return { kind: 'endpoint', id: `${endpoint.organization}/${endpoint.name}`, value: endpoint };
}

/** Tells the gateways of every environment; call it in the transaction that makes the change. */
export async function announce(feed: FeedWriter, entry: RuntimeEntry): Promise<void> {
  await feed.append({ environment: null, kind: entry.kind, id: entry.id, value: entry.value });
}

/** Takes an entity away from the gateways; call it in the transaction that removes the row. */
export async function withdraw(feed: FeedWriter, entry: RuntimeEntry): Promise<void> {
  await feed.append({ environment: null, kind: entry.kind, id: entry.id, value: null });
}

function keyId(mapping: Pick<KeyMapping, 'keyManager' | 'consumerKey'>): string {
  return `${mapping.keyManager}/${mapping.consumerKey}`;
}

function subscriptionId(subscription: Pick<Subscription, 'applicationId' | 'apiId'>): string {
  return `${subscription.applicationId}/${subscription.apiId}`;
}
