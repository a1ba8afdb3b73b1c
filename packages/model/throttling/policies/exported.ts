import { Findings, member } from '../../finding.ts';
import type { JsonObject } from '../../json.ts';
import type { PlanKind } from '../../plan.ts';
import { isObject } from './reading.ts';

/** Kind of an exported policy; `custom` is a custom rule. */
export type PolicyKind = PlanKind | 'custom';

/** Value of `type` in the files of `apictl export policy rate-limiting`. */
export const exportedPolicyType = 'throttling policy';

/** Values of `subtype`, and the misspelt one that older versions of WSO2 write. */
const kinds: Readonly<Record<string, PolicyKind>> = {
  'subscription policy': 'subscription',
  'subcription policy': 'subscription',
  'application policy': 'application',
  'advanced policy': 'advanced',
  'custom rule': 'custom',
};

/** The version of the format that exports say they have: apictl's and WSO2's 4.7. */
const version = 'v4.7.0';

/** Reads the frame of an exported policy; `data` is for `readPlan` and `readCustomRule`. */
export function readExportedPolicy(document: JsonObject): {
  readonly policy: { readonly kind: PolicyKind; readonly data: JsonObject } | undefined;
  readonly findings: Findings;
} {
  const findings = new Findings();
  const { type, subtype, data } = document;
  if (type !== exportedPolicyType) {
    findings.error('type', type, JSON.stringify(exportedPolicyType), 'Give a file that was exported as a policy.');
  }
  const kind = typeof subtype === 'string' && Object.hasOwn(kinds, subtype) ? kinds[subtype] : undefined;
  if (kind === undefined) {
    const known = Object.keys(kinds).filter((name) => !name.startsWith('subcr'));
    findings.error('subtype', subtype, known.join(', '), 'Say which kind of policy it is.');
  }
  if (!isObject(data)) findings.error(member('', 'data'), data, 'an object', 'The policy itself stands in data.');
  const policy = kind !== undefined && isObject(data) && !findings.hasErrors ? { kind, data } : undefined;
  return { policy, findings };
}

/** An exported policy. The subtype is what apictl makes the name of its file of. */
export function exportedPolicyView(kind: PolicyKind, data: JsonObject): JsonObject {
  return {
    type: exportedPolicyType,
    subtype: kind === 'custom' ? 'custom rule' : `${kind} policy`,
    version,
    data,
  };
}
