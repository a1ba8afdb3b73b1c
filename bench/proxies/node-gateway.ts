import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Setup } from '../gateways/serve.ts';
import type { ProxyProgram } from './proxy.ts';

/** A gateway of Node.js, from a file in `bench/gateways`. */
export function nodeGateway(about: Pick<ProxyProgram, 'key' | 'title' | 'quick' | 'routes'>): ProxyProgram {
  const file = new URL(`../gateways/${about.key}.ts`, import.meta.url).pathname;
  return {
    ...about,
    warmsUp: true,
    guarded: false,
    peer: true,
    async start({ bench, core, routes, backendPort, certificateFile, redisPort }) {
      const prefixes = routes.map(({ prefix }) => prefix);
      const setup: Setup = { backendPort, certificateFile, prefixes, ...(redisPort ? { redisPort } : {}) };
      const program = bench.start(core, process.execPath, [file, JSON.stringify(setup)]);
      if (!program.child.stdout) throw new Error('the gateway has no stdout');
      const lines = createInterface({ input: program.child.stdout });
      const [line] = await Promise.race([once(lines, 'line'), program.ended]);
      const { httpPort, httpsPort } = JSON.parse(line);
      return { pid: program.child.pid, httpPort, httpsPort, stop: () => bench.stop(program) };
    },
  };
}
