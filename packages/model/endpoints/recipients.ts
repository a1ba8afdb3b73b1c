import type { RecipientListEndpoint } from '../endpoint.ts';
import type { Findings } from '../finding.ts';
import type { JsonObject } from '../json.ts';
import { parseMembers, type Side } from './group.ts';

/** `recipientlist`, which WSO2's form lacks: a list like that of load balancing; null when no member has an address. */
export function parseRecipients(config: JsonObject, side: Side, findings: Findings): RecipientListEndpoint | null {
  const path = `${side.key}_endpoints`;
  const children = parseMembers(config[path], path, side, findings, (index) => `${side.name}[${index}]`);
  return children.length === 0 ? null : { kind: 'recipient_list', name: side.name, children };
}
