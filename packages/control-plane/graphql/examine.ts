import { Worker } from 'node:worker_threads';
import { checkSchema, refused, type SchemaCheck } from './check-schema.ts';

/** Characters of a schema that is checked in place; a longer one has a thread, so that nobody waits for it. */
const inPlaceLimit = 16 * 1024;
/** Milliseconds that a thread may take: some checks take time that grows with the square of a schema and more. */
const timeout = 20_000;
/** Megabytes of heap that such a thread may use, and of stack: less than gateways have, which read the schema later. */
const [maxHeap, maxStack] = [512, 0.5];
/** Schemas whose check is remembered, and their characters together. */
const [mostKnown, mostCharacters] = [64, 32 * 1024 * 1024];

const known = new Map<string, Promise<SchemaCheck>>();
let characters = 0;
/** One thread at a time: memory stays bounded. */
let queue: Promise<unknown> = Promise.resolve();

/** Checks a schema; the same text is looked at once. Never rejects for anything in it. */
export function examineSchema(text: string): Promise<SchemaCheck> {
  const found = known.get(text);
  if (found !== undefined) return found;
  const check = text.length <= inPlaceLimit ? checkSchema(text) : queue.then(() => checkInThread(text));
  queue = Promise.allSettled([queue, check]);
  remember(text, check);
  return check;
}

function remember(text: string, check: Promise<SchemaCheck>): void {
  if (known.size >= mostKnown || characters + text.length > mostCharacters) {
    known.clear();
    characters = 0;
  }
  known.set(text, check);
  characters += text.length;
  // What took too long today may not tomorrow.
  const forget = () => {
    if (known.get(text) === check && known.delete(text)) characters -= text.length;
  };
  check.then(({ refusal }) => refusal !== null && forget(), forget);
}

async function checkInThread(text: string): Promise<SchemaCheck> {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), {
    workerData: text,
    resourceLimits: { maxOldGenerationSizeMb: maxHeap, stackSizeMb: maxStack },
  });
  const { promise, resolve } = Promise.withResolvers<SchemaCheck>();
  const refuse = (reason: string) => resolve(refused([reason]));
  const timer = setTimeout(() => refuse(`checking it took longer than ${timeout} ms`), timeout);
  worker.once('message', (check: SchemaCheck) => resolve(check));
  worker.once('error', (error) => refuse(`it could not be checked (${(error as Error).message})`));
  worker.once('exit', () => refuse('the check ended early'));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
