import { randomUUID } from 'node:crypto';
import {
  type DenyCondition,
  type DenyPolicy,
  denyValue,
  errors,
  type JsonObject,
  readDenyCondition,
  SluiceError,
} from '@sluice/model';
import { ConflictError, type OrganizationStore } from '@sluice/store';
import { announce, denyPolicyEntry, withdraw } from '../../feed/announce.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { denyTarget } from './deny-target.ts';
import { refuse } from './findings.ts';
import type { ThrottlingDependencies } from './plan-handlers.ts';

/** `/throttling/deny-policies` and `/throttling/deny-policy/{conditionId}`. */
export function denyPolicyHandlers({ store }: ThrottlingDependencies): RestHandlers {
  return {
    listDenyPolicies: async (request) => {
      const wanted = readQuery(request.query.query);
      const policies = await store.organization(request.organization).denyPolicies.list();
      const list = policies.map(denyPolicyView).filter(wanted);
      return { status: 200, body: { count: list.length, list } };
    },
    createDenyPolicy: async (request) => {
      const body = request.body as JsonObject;
      const { condition, findings } = readDenyCondition(body);
      refuse(findings, errors.denyPolicyInvalid);
      const policy = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const made: DenyPolicy = {
          id: randomUUID(),
          organization: request.organization,
          condition: await denyTarget(organization, condition as DenyCondition),
          enabled: body.conditionStatus !== false,
        };
        await create(organization, made);
        await announce(organization.feed, denyPolicyEntry(made));
        return made;
      });
      const location = `${request.baseUrl}/api/am/admin/v4/throttling/deny-policy/${policy.id}`;
      return { status: 201, headers: { location }, body: denyPolicyView(policy) };
    },
    getDenyPolicy: async (request) => {
      const policy = await find(store.organization(request.organization), request);
      return { status: 200, body: denyPolicyView(policy) };
    },
    updateDenyPolicyStatus: async (request) => {
      const { conditionStatus } = request.body as JsonObject;
      const policy = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const changed = { ...(await find(organization, request)), enabled: conditionStatus === true };
        await organization.denyPolicies.update(changed);
        await announce(organization.feed, denyPolicyEntry(changed));
        return changed;
      });
      return { status: 200, body: denyPolicyView(policy) };
    },
    deleteDenyPolicy: async (request) => {
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const policy = await find(organization, request);
        await organization.denyPolicies.remove(policy.id);
        await withdraw(organization.feed, denyPolicyEntry(policy));
      });
      return { status: 200 };
    },
  };
}

/** WSO2's `BlockingCondition`. */
function denyPolicyView({ id, condition, enabled }: DenyPolicy): JsonObject {
  return {
    conditionId: id,
    conditionType: condition.type,
    conditionValue: denyValue(condition),
    conditionStatus: enabled,
  };
}

async function find(organization: OrganizationStore, request: RestRequest): Promise<DenyPolicy> {
  const id = request.path.conditionId ?? '';
  const policy = await organization.denyPolicies.get(id);
  if (!policy) throw new SluiceError(errors.denyPolicyNotFound, { id });
  return policy;
}

async function create(organization: OrganizationStore, policy: DenyPolicy): Promise<void> {
  try {
    await organization.denyPolicies.create(policy);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const value = denyValue(policy.condition);
    const args = {
      type: policy.condition.type,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    };
    throw new SluiceError(errors.denyPolicyExists, args, { cause: error });
  }
}

/** `conditionType:USER&conditionValue:mary`; the value is looked for anywhere, in quotes it is the whole. */
function readQuery(query: RestRequest['query'][string]): (view: JsonObject) => boolean {
  const text = typeof query === 'string' ? query.trim() : '';
  if (text === '') return () => true;
  const terms = text.split('&').map((term) => /^\s*(conditionType|conditionValue)[:=](.+)$/.exec(term));
  if (terms.some((term) => term === null)) throw new SluiceError(errors.denyPolicyQueryInvalid, { query: text });
  return (view) =>
    terms.every((term) => {
      const [, name, sought = ''] = term as RegExpExecArray;
      const value = name === 'conditionType' ? view.conditionType : view.conditionValue;
      const held = (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase();
      const wanted = sought.trim().toLowerCase();
      if (name === 'conditionType') return held === wanted;
      return /^".*"$/.test(wanted) ? held === wanted.slice(1, -1) : held.includes(wanted);
    });
}
