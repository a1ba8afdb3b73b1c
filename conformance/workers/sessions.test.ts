import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../wire/eventually.ts';
import { recordingBackend } from '../wire/recording-backend.ts';
import { serveApi } from './all-in-one.ts';
import { lineToEach } from './lines.ts';
import { path } from './projects.ts';
import { workersOf } from './workers.ts';

test('a session that began in one worker goes on with its backend in the others, and in the successor of a killed one', async (t) => {
  const member = (name: string) =>
    recordingBackend(t, ({ headers }) => {
      const known = headers.some(([header]) => header.toLowerCase() === 'cookie');
      const cookie = known ? '' : `Set-Cookie: JSESSIONID=of-${name}; Path=/\r\n`;
      return `HTTP/1.1 200 OK\r\n${cookie}Content-Length: 0\r\n\r\n`;
    });
  const members = { one: await member('one'), two: await member('two') };
  const program = await serveApi(t, {
    endpoint_type: 'load_balance',
    algoClassName: 'org.apache.synapse.endpoints.algorithms.RoundRobin',
    sessionManagement: 'http',
    production_endpoints: Object.values(members).map(({ url }) => ({ url })),
  });
  const gateway = program.urls.gateway as string;
  const [first, second] = await lineToEach(t, gateway, workersOf(program));
  await first?.get(path);
  const [home, away] = members.one.requests.length === 1 ? (['one', 'two'] as const) : (['two', 'one'] as const);
  const goOn = (line: typeof first) => line?.get(path, '', `Cookie: JSESSIONID=of-${home}\r\n`);
  const strays = async (line: typeof first) => {
    const before = members[away].requests.length;
    for (let i = 0; i < 4; i++) await goOn(line);
    return members[away].requests.length - before;
  };
  assert.equal(await strays(first), 0);
  await eventually('the other worker has heard of it', 5000, async () =>
    (await strays(second)) === 0 ? true : undefined,
  );

  const [killed] = workersOf(program);
  process.kill(killed as number, 'SIGKILL');
  await eventually('another one serves', 30_000, async () => {
    const workers = workersOf(program);
    return workers.length === 2 && !workers.includes(killed as number) ? true : undefined;
  });
  for (const line of await lineToEach(t, gateway, workersOf(program))) assert.equal(await strays(line), 0);
  assert.equal(await program.stop(), 0);
});
