import { readFile, stat } from 'node:fs/promises';
import { exportedPolicyType, type RuntimeEntry } from '@sluice/model';
import { readPolicy } from './policy.ts';
import { readSharedFile, sharedEndpointType } from './shared-endpoint.ts';

/** Bytes of the largest file that is read. */
const largest = 1024 * 1024;

/**
 * Reads a file that lies beside the projects: an exported policy, or a shared endpoint. Null for other files: keys, settings, notes.
 * Throws `ProjectError`.
 */
export async function readBeside(path: string): Promise<RuntimeEntry | null> {
  const { size } = await stat(path);
  if (size > largest) return null;
  const text = await readFile(path, 'utf8');
  if (text.includes(exportedPolicyType)) return readPolicy(path, text);
  return text.includes(sharedEndpointType) ? readSharedFile(path, text) : null;
}
