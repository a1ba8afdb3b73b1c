import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerBytes } from './cases.ts';
import { freePorts, untilListening } from './machine/ports.ts';
import type { Workbench } from './machine/workbench.ts';
import { nginxMain } from './proxies/nginx.ts';

/** Starts the backend, an nginx that answers 1 MiB below `/large/` and 1 KiB everywhere else; resolves with its port. */
export async function startBackend(bench: Workbench, core: number): Promise<number> {
  const directory = join(bench.directory, 'backend');
  mkdirSync(directory);
  writeFileSync(join(directory, 'large.bin'), Buffer.alloc(answerBytes.large, 'y'));
  const [port = 0] = await freePorts(1);
  const file = join(directory, 'nginx.conf');
  writeFileSync(
    file,
    nginxMain(
      directory,
      `
      sendfile on;
      open_file_cache max=8;
      keepalive_timeout 300s;
      keepalive_requests 1000000000;
      server {
        listen 127.0.0.1:${port} backlog=4096;
        default_type application/json;
        location / { return 200 "${'x'.repeat(answerBytes.small)}"; }
        location /large/ { root ${directory}; rewrite ^ /large.bin break; }
      }`,
    ),
  );
  const nginx = bench.start(core, 'nginx', ['-c', file, '-p', directory]);
  await Promise.race([untilListening(port), nginx.ended]);
  return port;
}
