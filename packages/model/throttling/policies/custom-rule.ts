import { Findings, member } from '../../finding.ts';
import type { JsonObject } from '../../json.ts';
import type { CustomRule } from '../custom-rule.ts';
import { readSiddhiQuery } from '../siddhi/read-query.ts';
import { SiddhiError } from '../siddhi/siddhi-error.ts';
import { longestDescription, readOptionalText, readPolicyName } from './reading.ts';

/** What a policy says of a custom rule; who it belongs to is decided elsewhere. */
export type CustomRuleDraft = Omit<CustomRule, 'id' | 'organization'>;

/** Reads WSO2's `CustomRule`. Without a draft the findings hold at least one error; paths begin with `path`. */
export function readCustomRule(
  data: JsonObject,
  path = '',
): { readonly draft: CustomRuleDraft | undefined; readonly findings: Findings } {
  const findings = new Findings();
  const name = readPolicyName(data, path, findings);
  const description = readOptionalText(data, 'description', path, longestDescription, findings);
  const query = required(data, 'siddhiQuery', path, findings);
  const template = required(data, 'keyTemplate', path, findings);
  if (query !== undefined && template !== undefined) judge(query, template, path, findings);
  if (name === undefined || query === undefined || template === undefined || findings.hasErrors) {
    return { draft: undefined, findings };
  }
  return { draft: { name, description, keyTemplate: template, siddhiQuery: query, enabled: true }, findings };
}

/** The policy of WSO2 that a custom rule is. */
export function customRuleView(rule: CustomRule): JsonObject {
  return {
    policyId: rule.id,
    policyName: rule.name,
    displayName: rule.name,
    description: rule.description,
    isDeployed: rule.enabled,
    type: 'CustomRule',
    siddhiQuery: rule.siddhiQuery,
    keyTemplate: rule.keyTemplate,
  };
}

function required(data: JsonObject, name: string, path: string, findings: Findings): string | undefined {
  const text = data[name];
  if (typeof text === 'string' && text.trim() !== '') return text;
  findings.error(member(path, name), text, 'a text', `A custom rule has keyTemplate and siddhiQuery.`);
  return undefined;
}

function judge(query: string, template: string, path: string, findings: Findings): void {
  try {
    readSiddhiQuery(query, template);
  } catch (error) {
    if (!(error instanceof SiddhiError)) throw error;
    const expected = 'a query and a key template that can be read';
    findings.error(member(path, 'siddhiQuery'), query, expected, error.message);
  }
}
