import type { Endpoint } from '../endpoint.ts';
import type { Findings } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { formatLeaf, type LeafContext, parseLeaf } from './leaf.ts';
import { formatReference, isReferenceKind, parseReference } from './reference.ts';
import { asObject } from './scalars.ts';

/** Reads a member of a group: a leaf, or what stands elsewhere. Null when it names nothing. */
export function parseMember(value: Json, context: LeafContext, path: string, findings: Findings): Endpoint | null {
  const type = asObject(value)?.endpoint_type;
  const kind = typeof type === 'string' ? type.trim().toLowerCase() : '';
  if (isReferenceKind(kind)) return parseReference(value, kind, context.name, path, findings);
  return parseLeaf(value, context, path, findings);
}

/** A member of a group as it is read. Throws `RangeError` for a group. */
export function formatMember(endpoint: Endpoint): JsonObject {
  switch (endpoint.kind) {
    case 'indirect':
    case 'template':
      return formatReference(endpoint, true);
    case 'failover':
    case 'load_balance':
    case 'recipient_list':
    case 'mock':
      throw new RangeError(`an endpointConfig cannot hold ${endpoint.kind} inside of a group`);
    default:
      return formatLeaf(endpoint, true);
  }
}
