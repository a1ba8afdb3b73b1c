import { readFile, stat } from 'node:fs/promises';
import {
  describeFinding,
  exportedPolicyType,
  type Finding,
  type RuntimeEntry,
  readCustomRule,
  readExportedPolicy,
  readPlan,
  superOrganization,
} from '@sluice/model';
import { ProjectDocument, stepsOf } from './document.ts';
import type { ProjectError } from './project-error.ts';

/** Bytes of the largest policy that is read. */
const largestPolicy = 1024 * 1024;

/**
 * Reads a file of `apictl export policy rate-limiting`. Null for other files that lie beside the projects: keys, settings, notes.
 * Throws `ProjectError`.
 */
export async function readPolicy(path: string): Promise<RuntimeEntry | null> {
  const { size } = await stat(path);
  if (size > largestPolicy) return null;
  const text = await readFile(path, 'utf8');
  if (!text.includes(exportedPolicyType)) return null;
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
