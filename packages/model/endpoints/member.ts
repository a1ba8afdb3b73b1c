import type { Endpoint } from '../endpoint.ts';
import type { Findings } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { formatGroup, formatMembers, parseNested } from './group.ts';
import { formatLeaf, type LeafContext, parseLeaf } from './leaf.ts';
import { formatReference, isReferenceKind, parseReference } from './reference.ts';
import { asObject } from './scalars.ts';

/** Reads a member of a group: a leaf, what stands elsewhere, or another group. Null when it names nothing. */
export function parseMember(value: Json, context: LeafContext, path: string, findings: Findings): Endpoint | null {
  const source = asObject(value);
  const type = source?.endpoint_type;
  const kind = typeof type === 'string' ? type.trim().toLowerCase() : '';
  if (isReferenceKind(kind)) return parseReference(value, kind, context.name, path, findings);
  if (source !== undefined && (kind === 'failover' || kind === 'load_balance')) {
    return parseNested(source, kind, context, path, findings);
  }
  return parseLeaf(value, context, path, findings);
}

/** A member of a group as it is read. Throws `RangeError` for what cannot be one. */
export function formatMember(endpoint: Endpoint): JsonObject {
  switch (endpoint.kind) {
    case 'indirect':
    case 'template':
      return formatReference(endpoint, true);
    case 'failover':
    case 'load_balance':
      return { endpoint_type: endpoint.kind, ...formatGroup(endpoint), members: formatMembers(endpoint) };
    case 'recipient_list':
    case 'mock':
      throw new RangeError(`an endpointConfig cannot hold ${endpoint.kind} inside of a group`);
    default:
      return formatLeaf(endpoint, true);
  }
}
