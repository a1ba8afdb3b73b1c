import { randomUUID } from 'node:crypto';
import {
  type CustomRule,
  type CustomRuleDraft,
  customRuleView,
  errors,
  type JsonObject,
  readCustomRule,
  SluiceError,
  superOrganization,
} from '@sluice/model';
import { ConflictError, type OrganizationStore } from '@sluice/store';
import { announce, customRuleEntry, withdraw } from '../../feed/announce.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { refuse } from './findings.ts';
import type { ThrottlingDependencies } from './plan-handlers.ts';

/** `/throttling/policies/custom`. */
export function customRuleHandlers({ store }: ThrottlingDependencies): RestHandlers {
  return {
    listCustomRules: async (request) => {
      requireSuper(request);
      const list = (await store.organization(request.organization).customRules.list()).map(customRuleView);
      return { status: 200, body: { count: list.length, list } };
    },
    createCustomRule: async (request) => {
      requireSuper(request);
      const draft = ruleDraftOf(request.body as JsonObject);
      const rule = await store.transaction((tx) => createRule(tx.organization(request.organization), draft));
      const location = `${request.baseUrl}/api/am/admin/v4/throttling/policies/custom/${rule.id}`;
      return { status: 201, headers: { location }, body: customRuleView(rule) };
    },
    getCustomRule: async (request) => {
      const rule = await findRule(store.organization(request.organization), request);
      return { status: 200, body: customRuleView(rule) };
    },
    updateCustomRule: async (request) => {
      const rule = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const known = await findRule(organization, request);
        // The name stays, whatever the body says, as in WSO2.
        return updateRule(
          organization,
          known,
          ruleDraftOf({ ...(request.body as JsonObject), policyName: known.name }),
        );
      });
      return { status: 200, body: customRuleView(rule) };
    },
    deleteCustomRule: async (request) => {
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const rule = await findRule(organization, request);
        await organization.customRules.remove(rule.id);
        await withdraw(organization.feed, customRuleEntry(rule));
      });
      return { status: 200 };
    },
  };
}

/** Throws 403 for all organizations but the super organization. */
export function requireSuper({ organization }: Pick<RestRequest, 'organization'>): void {
  if (organization !== superOrganization) throw new SluiceError(errors.customRuleForbidden);
}

/** Throws 400 with all that is wrong, and where a query cannot be read. */
export function ruleDraftOf(data: JsonObject): CustomRuleDraft {
  const { draft, findings } = readCustomRule(data);
  refuse(findings, errors.policyInvalid);
  return draft as CustomRuleDraft;
}

/** Makes a rule and tells the gateways; call it in a transaction. Throws 409 when the name is taken. */
export async function createRule(organization: OrganizationStore, draft: CustomRuleDraft): Promise<CustomRule> {
  const rule: CustomRule = { ...draft, id: randomUUID(), organization: organization.organization };
  try {
    await organization.customRules.create(rule);
  } catch (error) {
    if (error instanceof ConflictError) throw ruleExists(rule.name, error);
    throw error;
  }
  await announce(organization.feed, customRuleEntry(rule));
  return rule;
}

/** 409 for a name that is taken. */
export function ruleExists(name: string, cause?: unknown): SluiceError {
  return new SluiceError(errors.policyExists, { what: 'a custom rule', name }, { cause });
}

/** Replaces all of a rule but its name and identity, and tells the gateways; call it in a transaction. */
export async function updateRule(
  organization: OrganizationStore,
  known: CustomRule,
  draft: CustomRuleDraft,
): Promise<CustomRule> {
  const rule: CustomRule = { ...draft, name: known.name, id: known.id, organization: known.organization };
  if (!(await organization.customRules.update(rule))) {
    throw new SluiceError(errors.customRuleNotFound, { id: known.id });
  }
  await announce(organization.feed, customRuleEntry(rule));
  return rule;
}

async function findRule(organization: OrganizationStore, request: RestRequest): Promise<CustomRule> {
  requireSuper(request);
  const id = request.path.ruleId ?? '';
  const rule = await organization.customRules.get(id);
  if (!rule) throw new SluiceError(errors.customRuleNotFound, { id });
  return rule;
}
