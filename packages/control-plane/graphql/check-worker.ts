import { parentPort, workerData } from 'node:worker_threads';
import { checkSchema } from './check-schema.ts';

parentPort?.postMessage(await checkSchema(workerData as string));
