import { describeFinding, type RuntimeEntry, readSharedEndpoint, superOrganization } from '@sluice/model';
import { placeOf } from '../../endpoints/kinds/shared.ts';
import { isObject, ProjectDocument, stepsOf } from './document.ts';

/** Value of `type` in the file of a shared endpoint. */
export const sharedEndpointType = 'shared_endpoint';

/** Reads a file with `type: shared_endpoint` and, as `data`, what the REST API takes. Null when it is of another type. Throws `ProjectError`. */
export function readSharedFile(path: string, text: string): RuntimeEntry | null {
  const document = new ProjectDocument(path, text);
  const { type, data } = document.root;
  if (type !== sharedEndpointType) return null;
  if (!isObject(data)) throw document.error([], 'there is no member data with the endpoint');
  const { draft, findings } = readSharedEndpoint(data, 'data');
  const wrong = findings.list.find(({ level }) => level === 'error');
  if (wrong !== undefined || draft === undefined) {
    throw document.error(stepsOf(wrong?.path ?? 'data'), wrong ? describeFinding(wrong) : 'it is no endpoint');
  }
  const id = placeOf(superOrganization, draft.name);
  return { kind: 'endpoint', id, value: { ...draft, id, organization: superOrganization } };
}
