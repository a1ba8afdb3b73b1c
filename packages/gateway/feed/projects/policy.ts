import {
  describeFinding,
  type Finding,
  type RuntimeEntry,
  readCustomRule,
  readExportedPolicy,
  readPlan,
  superOrganization,
} from '@sluice/model';
import { ProjectDocument, stepsOf } from './document.ts';
import type { ProjectError } from './project-error.ts';

/** Reads a file of `apictl export policy rate-limiting`. Throws `ProjectError`. */
export function readPolicy(path: string, text: string): RuntimeEntry {
  const document = new ProjectDocument(path, text);
  const frame = readExportedPolicy(document.root);
  refuse(document, frame.findings);
  const { kind, data } = frame.policy as NonNullable<typeof frame.policy>;
  const organization = superOrganization;
  if (kind === 'custom') {
    const { draft, findings } = readCustomRule(data, 'data');
    if (draft) return { kind: 'customRule', id: draft.name, value: { ...draft, id: draft.name, organization } };
    throw refuse(document, findings);
  }
  const { draft, findings } = readPlan(kind, data, 'data');
  const id = `${kind}/${draft?.name}`;
  if (draft) return { kind: 'plan', id, value: { ...draft, id, organization } };
  throw refuse(document, findings);
}

/** Throws the first error with its line. */
function refuse(document: ProjectDocument, { list }: { readonly list: readonly Finding[] }): ProjectError | undefined {
  const wrong = list.find(({ level }) => level === 'error');
  if (wrong) throw document.error(stepsOf(wrong.path), describeFinding(wrong));
  return undefined;
}
