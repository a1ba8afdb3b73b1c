import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, untilListening } from './machine/ports.ts';
import type { Workbench } from './machine/workbench.ts';

/** Starts a Redis that keeps nothing on disk; resolves with its port. */
export async function startRedis(bench: Workbench, core: number): Promise<number> {
  const directory = join(bench.directory, 'redis');
  mkdirSync(directory);
  const [port = 0] = await freePorts(1);
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'];
  const redis = bench.start(core, 'redis-server', options);
  await Promise.race([untilListening(port), redis.ended]);
  return port;
}
