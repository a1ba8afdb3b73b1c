#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Command } from './command.ts';

// Compiled code is kept between starts; loading it is most of what a start costs.
enableCompileCache(fileURLToPath(new URL('../../dist/compile-cache', import.meta.url)));

// A reader that goes away, as in `sluice start | head`, ends what is printed and not the program.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const commands: Readonly<Record<string, { summary: string; load: () => Promise<{ command: Command }> }>> = {
  start: { summary: 'start all of Sluice, or one role of it', load: () => import('./commands/start.ts') },
  gateway: {
    summary: 'start a gateway that serves a folder of API projects',
    load: () => import('./commands/gateway.ts'),
  },
  explain: {
    summary: 'say what a setting is and where its value comes from',
    load: () => import('./commands/explain.ts'),
  },
  doctor: { summary: 'look for what is wrong with settings and APIs', load: () => import('./commands/doctor.ts') },
  user: { summary: 'add, list, change or remove users', load: () => import('./commands/user.ts') },
  throttle: { summary: 'show and reset the counters of limits', load: () => import('./commands/throttle.ts') },
  endpoints: {
    summary: 'show endpoints, take them out of use and back',
    load: () => import('./commands/endpoints.ts'),
  },
  keys: { summary: 'rotate the keys that sign tokens', load: () => import('./commands/keys.ts') },
};

const [name = 'help', ...args] = process.argv.slice(2);
const chosen = commands[name];
if (name === 'worker' && process.send) {
  // Not for people: how the program starts the processes that serve calls.
  const { runWorker } = await import('./workers/worker.ts');
  runWorker();
} else if (chosen) {
  const { command } = await chosen.load();
  const { runCommand } = await import('./command.ts');
  process.exitCode = await runCommand(name, command, args);
} else if (name === 'help' || name === '--help') {
  process.stdout.write(overview());
} else {
  process.stderr.write(`sluice: there is no command ${JSON.stringify(name)}\n${overview()}`);
  process.exitCode = 2;
}

function overview(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  sluice ${name.padEnd(9)}  ${summary}`);
  return `Usage:\n${lines.join('\n')}\n\nsluice COMMAND --help tells more.\n`;
}
