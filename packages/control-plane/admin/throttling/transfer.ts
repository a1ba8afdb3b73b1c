import {
  errors,
  exportedPolicyView,
  type JsonObject,
  type PlanKind,
  type PolicyKind,
  readDefinition,
  readExportedPolicy,
  SluiceError,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { createRule, requireSuper, ruleDraftOf, ruleExists, updateRule } from './custom-rules.ts';
import { refuse } from './findings.ts';
import { draftOf, type ThrottlingDependencies, warned } from './plan-handlers.ts';
import { createPlan, planExists, updatePlan } from './plans.ts';
import { findPolicy, isLevel, kindsByLevel, type PolicyLevel, policyView } from './policies.ts';

/** Bytes of a file that is imported. */
const largestFile = 1_048_576;

/** `/throttling/policies/export` and `/import`, for `apictl export|import policy rate-limiting`. */
export function policyTransferHandlers(deps: ThrottlingDependencies): RestHandlers {
  const { store } = deps;
  return {
    exportThrottlingPolicy: async (request) => {
      const name = text(request, 'name');
      if (name === '') throw new SluiceError(errors.parameterMissing, { name: 'name' });
      const type = text(request, 'type');
      const levels = isLevel(type) ? [type] : (Object.keys(kindsByLevel) as PolicyLevel[]);
      const organization = store.organization(request.organization);
      for (const level of levels) {
        if (level === 'global' && type === 'global') requireSuper(request);
        const policy = await findPolicy(organization, level, name);
        if (policy) return { status: 200, body: exportedPolicyView(kindsByLevel[level], policyView(policy)) };
      }
      throw new SluiceError(errors.throttlingPolicyMissing, { name });
    },

    importThrottlingPolicy: async (request) => {
      const { policy, findings } = readExportedPolicy(readFile(request));
      refuse(findings, errors.policyFileInvalid);
      const { kind, data } = policy as NonNullable<typeof policy>;
      const overwrite = request.query.overwrite === true;
      if (kind === 'custom') {
        requireSuper(request);
        const draft = ruleDraftOf(data);
        const updated = await store.transaction(async (tx) => {
          const organization = tx.organization(request.organization);
          const known = await organization.customRules.find(draft.name);
          if (!known) await createRule(organization, draft);
          else if (overwrite) await updateRule(organization, known, draft);
          else throw ruleExists(draft.name);
          return known !== undefined;
        });
        return told(kind, draft.name, updated);
      }
      const draft = draftOf(kind, data);
      const updated = await store.transaction((tx) =>
        putPlan(tx.organization(request.organization), kind, draft, overwrite),
      );
      return warned(deps, draft, told(kind, draft.name, updated));
    },
  };
}

/** True where the plan was there. */
async function putPlan(
  organization: OrganizationStore,
  kind: PlanKind,
  draft: ReturnType<typeof draftOf>,
  overwrite: boolean,
): Promise<boolean> {
  const known = await organization.plans.find(kind, draft.name);
  if (!known) await createPlan(organization, draft);
  else if (overwrite) await updatePlan(organization, known, draft);
  else throw planExists(known);
  return known !== undefined;
}

/** apictl prints the sentence as it comes. */
function told(kind: PolicyKind, name: string, updated: boolean) {
  const what = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} Throttling Policy : ${name}`;
  return {
    status: updated ? 200 : 201,
    headers: { 'content-type': 'text/plain' },
    body: updated ? `Successfully updated ${what}` : `Successfully imported ${what}`,
  };
}

/** Newer versions of apictl send the file, older ones its content as the body. */
function readFile(request: RestRequest): JsonObject {
  if (request.body !== undefined) return request.body as JsonObject;
  const file = request.files.file;
  const source = file?.bytes ?? request.fields.file;
  if (source === undefined) throw new SluiceError(errors.policyFileInvalid, { detail: 'There is no part named file.' });
  try {
    return readDefinition(source, largestFile);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new SluiceError(errors.policyFileInvalid, { detail: error.description }, { cause: error });
  }
}

function text(request: RestRequest, name: string): string {
  const value = request.query[name];
  return typeof value === 'string' ? value : '';
}
