import { parentPort, workerData } from 'node:worker_threads';
import { checkDefinition } from './check.ts';

/** What a thread is given: one definition. */
export interface CheckRequest {
  readonly source: string;
  readonly maxBytes: number;
}

const { source, maxBytes } = workerData as CheckRequest;
const check = await checkDefinition(source, maxBytes);
// As text the document crosses threads faster than as a tree.
parentPort?.postMessage({ ...check, document: check.document === null ? null : JSON.stringify(check.document) });
