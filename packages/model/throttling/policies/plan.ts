import { Findings, member } from '../../finding.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Burst, Plan, PlanKind, PlanPermissions } from '../../plan.ts';
import { groupsView, readGroups } from './conditions.ts';
import { limitView, readLimit, unlimitedAmount } from './limit.ts';
import {
  hasControl,
  isObject,
  longestDescription,
  readFlag,
  readOptionalCount,
  readOptionalText,
  readPolicyName,
  readText,
} from './reading.ts';

/** What a policy says of a plan; who it belongs to is decided elsewhere. */
export type PlanDraft = Omit<Plan, 'id' | 'organization'>;

const longestDisplayName = 512;
const mostAttributes = 50;
const mostRoles = 100;
const longestValue = 255;
/** Nobody writes a query as deep or dear as this. */
const mostOfQuery = 1_000_000_000;

/**
 * Reads WSO2's `SubscriptionThrottlePolicy`, `ApplicationThrottlePolicy` or `AdvancedThrottlePolicy`, by the kind. Without
 * a draft the findings hold at least one error; paths begin with `path`.
 */
export function readPlan(
  kind: PlanKind,
  data: JsonObject,
  path = '',
): { readonly draft: PlanDraft | undefined; readonly findings: Findings } {
  const findings = new Findings();
  const name = readPolicyName(data, path, findings);
  const limit = readLimit(data.defaultLimit, member(path, 'defaultLimit'), findings);
  const base = {
    kind,
    name: name ?? '',
    displayName: readOptionalText(data, 'displayName', path, longestDisplayName, findings) || (name ?? ''),
    description: readOptionalText(data, 'description', path, longestDescription, findings),
    quota: limit?.quota ?? null,
    stopOnQuotaReach: true,
    billingPlan: 'FREE' as const,
    more: {
      ...(limit?.tokens ? { aiApiQuota: limit.tokens } : {}),
      ...(limit?.unlimitedEvents ? { unlimitedEvents: true } : {}),
    },
  };
  const draft = { ...base, ...readKind(kind, data, base.more, path, findings) };
  return { draft: findings.hasErrors ? undefined : draft, findings };
}

/** The members that only one kind of plan has. */
function readKind(
  kind: PlanKind,
  data: JsonObject,
  more: JsonObject,
  path: string,
  findings: Findings,
): Pick<PlanDraft, 'burst'> & Partial<PlanDraft> {
  switch (kind) {
    case 'application': {
      const place = member(path, 'burstLimit');
      if (data.burstLimit == null) return { burst: null };
      if (isObject(data.burstLimit)) return { burst: readBurst(data.burstLimit, place, findings) };
      findings.error(place, data.burstLimit, 'an object with rateLimitCount and rateLimitTimeUnit', 'Correct it.');
      return { burst: null };
    }
    case 'advanced':
      return {
        burst: null,
        conditionalGroups: readGroups(data.conditionalGroups, member(path, 'conditionalGroups'), findings),
      };
    case 'subscription': {
      const bound = (name: string) => readOptionalCount(data, name, path, mostOfQuery, findings);
      const [depth, complexity, subscribers] = [
        bound('graphQLMaxDepth'),
        bound('graphQLMaxComplexity'),
        bound('subscriberCount'),
      ];
      const permissions = readPermissions(data.permissions, member(path, 'permissions'), findings);
      const monetization = readMonetization(data.monetization, member(path, 'monetization'), findings);
      const attributes = readAttributes(data.customAttributes, member(path, 'customAttributes'), findings);
      return {
        burst: readBurst(data, path, findings),
        stopOnQuotaReach: readFlag(data, 'stopOnQuotaReach', path, false, findings),
        billingPlan: readBilling(data.billingPlan, member(path, 'billingPlan'), findings),
        ...(permissions ? { permissions } : {}),
        ...(depth === undefined ? {} : { graphQLMaxDepth: depth }),
        ...(complexity === undefined ? {} : { graphQLMaxComplexity: complexity }),
        more: {
          ...more,
          ...(subscribers === undefined ? {} : { subscriberCount: subscribers }),
          ...(attributes.length === 0 ? {} : { customAttributes: attributes }),
          ...(monetization ? { monetization } : {}),
        },
      };
    }
  }
}

/** `min` is a minute, WSO2 takes everything else for a second; here that must be said. */
function readBurst(of: JsonObject, path: string, findings: Findings): Burst | null {
  const count = readOptionalCount(of, 'rateLimitCount', path, unlimitedAmount, findings);
  if (count === undefined) return null;
  const unit = of.rateLimitTimeUnit ?? 'sec';
  if (unit === 'min' || unit === 'sec') return { count, timeUnit: unit };
  findings.error(member(path, 'rateLimitTimeUnit'), unit, 'sec or min', 'For longer windows use the quota.');
  return null;
}

function readBilling(value: Json | undefined, path: string, findings: Findings): Plan['billingPlan'] {
  const plan = value ?? 'FREE';
  if (plan === 'FREE' || plan === 'COMMERCIAL') return plan;
  findings.error(path, value, 'FREE or COMMERCIAL', 'Choose one of them.');
  return 'FREE';
}

function readPermissions(value: Json | undefined, path: string, findings: Findings): PlanPermissions | undefined {
  if (value == null) return undefined;
  const type = isObject(value) ? value.permissionType : undefined;
  if (!isObject(value) || (type !== 'ALLOW' && type !== 'DENY')) {
    const place = isObject(value) ? member(path, 'permissionType') : path;
    findings.error(place, type ?? value, 'ALLOW or DENY', 'Leave permissions out to offer the plan to everybody.');
    return undefined;
  }
  const roles = Array.isArray(value.roles) ? value.roles : [];
  if (roles.length > 0 && roles.length <= mostRoles && roles.every(isRole)) {
    return { type, roles: [...new Set(roles)] };
  }
  const expected = `a list of 1 to ${mostRoles} names of roles`;
  findings.error(member(path, 'roles'), value.roles, expected, 'Leave permissions out to offer the plan to everybody.');
  return undefined;
}

/** WSO2's `MonetizationInfo`: kept and shown, since prices are somebody else's. */
function readMonetization(value: Json | undefined, path: string, findings: Findings): JsonObject | undefined {
  if (value == null) return undefined;
  const { monetizationPlan, properties = {} } = isObject(value) ? value : {};
  const isPlan =
    monetizationPlan === undefined || monetizationPlan === 'FIXEDRATE' || monetizationPlan === 'DYNAMICRATE';
  const entries = isObject(properties) ? Object.entries(properties) : [];
  const isText = (text: Json) => typeof text === 'string' && text.length <= longestDescription;
  const areTexts =
    entries.length <= mostAttributes && entries.every(([name, text]) => name.length <= longestValue && isText(text));
  if (!isObject(value) || !isPlan || !isObject(properties) || !areTexts) {
    const expected = `an object with monetizationPlan FIXEDRATE or DYNAMICRATE and at most ${mostAttributes} texts as properties`;
    findings.error(path, value, expected, 'Leave monetization out, or correct it.');
    return undefined;
  }
  return { ...(monetizationPlan === undefined ? {} : { monetizationPlan }), properties };
}

function isRole(value: Json): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= longestValue && !hasControl(value);
}

function readAttributes(value: Json | undefined, path: string, findings: Findings): JsonObject[] {
  const list = value ?? [];
  if (!Array.isArray(list) || list.length > mostAttributes) {
    findings.error(path, value, `a list of at most ${mostAttributes}`, 'Leave some out.');
    return [];
  }
  return list.flatMap((item, index) => {
    const place = member(path, index);
    const of = isObject(item) ? item : {};
    const name = readText(of, 'name', place, longestValue, findings);
    const text = readText(of, 'value', place, longestDescription, findings);
    return name === undefined || text === undefined ? [] : [{ name, value: text }];
  });
}

const policyTypes: Readonly<Record<PlanKind, string>> = {
  application: 'ApplicationThrottlePolicy',
  subscription: 'SubscriptionThrottlePolicy',
  advanced: 'AdvancedThrottlePolicy',
};

/** The policy of WSO2 that a plan is. `policyName` is the second member: apictl takes that place for it. */
export function planView(plan: Plan): JsonObject {
  const { aiApiQuota, unlimitedEvents, subscriberCount, customAttributes, monetization } = plan.more;
  const base: JsonObject = {
    policyId: plan.id,
    policyName: plan.name,
    displayName: plan.displayName,
    description: plan.description,
    isDeployed: true,
    type: policyTypes[plan.kind],
    defaultLimit: limitView(plan.quota, {
      tokens: isObject(aiApiQuota) ? aiApiQuota : undefined,
      unlimitedEvents: unlimitedEvents === true,
    }),
  };
  switch (plan.kind) {
    case 'application':
      return plan.burst ? { ...base, burstLimit: burstView(plan.burst) } : base;
    case 'advanced':
      return { ...base, conditionalGroups: groupsView(plan.conditionalGroups ?? []) };
    case 'subscription':
      return {
        ...base,
        ...(plan.burst ? burstView(plan.burst) : { rateLimitCount: 0 }),
        stopOnQuotaReach: plan.stopOnQuotaReach,
        billingPlan: plan.billingPlan,
        subscriberCount: typeof subscriberCount === 'number' ? subscriberCount : 0,
        graphQLMaxComplexity: plan.graphQLMaxComplexity ?? 0,
        graphQLMaxDepth: plan.graphQLMaxDepth ?? 0,
        customAttributes: Array.isArray(customAttributes) ? customAttributes : [],
        ...(plan.permissions
          ? { permissions: { permissionType: plan.permissions.type, roles: [...plan.permissions.roles] } }
          : {}),
        ...(isObject(monetization) ? { monetization } : {}),
      };
  }
}

function burstView({ count, timeUnit }: Burst): JsonObject {
  return { rateLimitCount: count, rateLimitTimeUnit: timeUnit };
}
