/**
 * `npm run conformance -- deadlines [--calls 10000] [--rounds 2]`: keeps so many calls in flight, each waiting for a backend or a client that stays silent, and
 * measures how late their deadlines fire. Exits with 1 when one fired early, was answered wrongly, or the last thousandth was more than 50 ms late.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Scope, startProgram, temporaryHome } from '../program/program.ts';
import { Client, type Sample } from './client.ts';
import { type Lane, lanesOf } from './lanes.ts';

const tolerance = 50;
/** What nobody has called yet runs slowly at first, and holds up everybody. */
const warming = lanesOf('warm-', 0.03);
const warmCalls = 400;
const lanes = lanesOf('', 1);
/** More calls without a token than the usual plan allows. */
const plenty = {
  ...{ type: 'throttling policy', subtype: 'subscription policy', version: 'v4.7.0' },
  data: {
    policyName: 'Unauthenticated',
    displayName: 'Unauthenticated',
    description: '',
    defaultLimit: {
      type: 'REQUESTCOUNTLIMIT',
      requestCount: { timeUnit: 'min', unitTime: 1, requestCount: 2 ** 31 - 1 },
    },
    stopOnQuotaReach: true,
    billingPlan: 'FREE',
  },
};
const logName = 'http_access_gateway.log';
/** Connections that are opened in a millisecond: all at once would measure the opening. */
const perMillisecond = 1;

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '2' } },
});
const calls = wholeNumber('calls', values.calls, 10_000);
const rounds = wholeNumber('rounds', values.rounds, 20);
const cleaning: (() => unknown)[] = [];
const scope: Scope = { after: (clean) => cleaning.push(clean) };
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  for (const clean of cleaning.reverse()) await clean();
}
process.exit();

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`--${name} takes a whole number from 1 to ${most}`);
}

async function run(): Promise<boolean> {
  const backend = fork(new URL('backend.ts', import.meta.url), { stdio: 'inherit' });
  scope.after(() => backend.kill());
  const [port] = (await once(backend, 'message')) as [number];
  const home = temporaryHome(scope);
  const apis = join(home, 'apis');
  mkdirSync(apis, { recursive: true });
  writeFileSync(join(apis, 'plan.yaml'), JSON.stringify(plenty));
  for (const lane of [...warming, ...lanes]) writeProject(apis, lane, port);
  // Two processes: a call has two connections, and one process may not open that many.
  const program = await startProgram(scope, {
    args: ['gateway', '--apis', apis],
    home,
    settings: '[http_access_log]\npattern = "%U %s %D"\n',
    env: { SLUICE_GATEWAY__WORKERS: '2' },
  });
  const gateway = Number(new URL(program.urls.gateway as string).port);
  (await callAll(gateway, warming, Math.min(calls, warmCalls), 2)).close();
  const timekeeper = startTimekeeper();
  const { samples, inFlight, close } = await callAll(gateway, lanes, calls, rounds);
  const stalls = timekeeper();
  // Its records are written in batches; thousands of connections that end at once would hold it up, and what it writes then would count.
  await delay(1500);
  const seen = seenByGateway(home);
  close();
  return report(samples, seen, inFlight, stalls);
}

/** So many clients at once, each for so many rounds; with the most calls that were in flight. */
async function callAll(
  port: number,
  by: readonly Lane[],
  count: number,
  times: number,
): Promise<{ readonly samples: readonly Sample[]; readonly inFlight: number; readonly close: () => void }> {
  const samples: Sample[] = [];
  const clients = Array.from({ length: count }, (_, index) => {
    return new Client(port, by[index % by.length] as Lane, (sample) => samples.push(sample));
  });
  for (let index = 0; index < clients.length; index++) {
    if (index % perMillisecond === 0) await delay(1);
    clients[index]?.call();
  }
  let inFlight = 0;
  while (samples.length < count * times) {
    inFlight = Math.max(inFlight, clients.filter(({ waiting }) => waiting).length);
    await delay(100);
    // Whatever answers at once would be asked again and again.
    if (samples.some(({ wrong }) => wrong !== null)) break;
  }
  const seen = [...samples];
  for (const client of clients) client.rest();
  return {
    samples: seen,
    inFlight,
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

function writeProject(folder: string, lane: Lane, port: number): void {
  const project = join(folder, lane.name);
  mkdirSync(project, { recursive: true });
  const rests = { suspendErrorCode: ['-1'], retryErroCode: ['-1'] };
  const data = {
    name: lane.name,
    context: `/${lane.name}`,
    version: '1.0.0',
    lifeCycleStatus: 'PUBLISHED',
    endpointConfig: {
      endpoint_type: 'http',
      timeouts: lane.timeouts,
      production_endpoints: { url: `http://127.0.0.1:${port}`, config: { ...lane.config, ...rests } },
    },
    operations: ['GET', 'POST'].map((verb) => ({ target: '/x', verb, authType: 'None' })),
  };
  writeFileSync(join(project, 'api.yaml'), JSON.stringify({ type: 'api', version: 'v4.7.0', data }));
}

/** How late timers of 8 ms fire in this process: what this machine lets nobody keep. Call it for the last thousandth. */
function startTimekeeper(): () => number {
  const late: number[] = [];
  let due = performance.now() + 8;
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - due));
    due = now + 8;
  }, 8);
  return () => {
    clearInterval(timer);
    return percentile(late, 0.999);
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Milliseconds by which the answers of a lane were late, smallest first. */
type Lateness = ReadonlyMap<Lane, readonly number[]>;

/** As the clients saw it: the way there and back is in it, and what kept this process from looking. */
function seenByClients(samples: readonly Sample[]): Lateness {
  return new Map(
    lanes.map((lane) => [
      lane,
      samples.filter((sample) => sample.lane === lane && sample.wrong === null).map(({ late }) => late),
    ]),
  );
}

/** As the gateway wrote it down: from the end of the request's head to the end of the answer. */
function seenByGateway(home: string): Lateness {
  const seen = new Map<Lane, number[]>(lanes.map((lane) => [lane, []]));
  for (const line of readFileSync(join(home, 'logs', logName), 'utf8').split('\n')) {
    const [path = '', status, duration] = line.split(' ');
    const lane = lanes.find(({ name }) => path.startsWith(`/${name}/`));
    if (lane !== undefined && Number(status) === lane.status) seen.get(lane)?.push(Number(duration) - lane.value);
  }
  return seen;
}

function report(samples: readonly Sample[], gateway: Lateness, inFlight: number, stalls: number): boolean {
  const all = [...gateway.values()].flat();
  const [nearlyAll, earliest] = [percentile(all, 0.999), Math.min(...all)];
  const wrong = samples.filter((sample) => sample.wrong !== null);
  const whole = all.length >= samples.length;
  // The log has whole milliseconds.
  const good = wrong.length === 0 && whole && nearlyAll <= tolerance && earliest >= -1;
  const lines = [
    `Milliseconds by which deadlines fired late, ${samples.length} calls, ${inFlight} in flight at most`,
    ...table('as the gateway wrote it down', gateway),
    ...table('as the clients saw it', seenByClients(samples)),
    '',
    `99.9 % within ${nearlyAll.toFixed(0)} ms of their time, at most ${tolerance} allowed; none more than ${(-Math.min(0, earliest)).toFixed(0)} ms before it`,
    `a timer in the process of the clients was late by ${stalls.toFixed(1)} ms (99.9 %): so much the machine lets nobody keep`,
    ...(whole ? [] : [`only ${all.length} of them are in the access log`]),
    ...(wrong.length === 0 ? [] : [`${wrong.length} wrong, the first by ${wrong[0]?.lane.name}: ${wrong[0]?.wrong}`]),
    ...(good || stalls <= tolerance / 2
      ? []
      : [
          'The machine is too busy to tell: run it alone, or before other programs: chrt -r 5 npm run conformance -- deadlines',
        ]),
    good ? 'ok' : 'FAILED',
    '',
  ];
  process.stdout.write(lines.join('\n'));
  return good;
}

function table(title: string, lateness: Lateness): string[] {
  const widths = [9, 8, 8, 8, 8, 8];
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(26)}${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('')}`;
  return [
    '',
    `  ${title}`,
    row('deadline', ['answers', '50 %', '99 %', '99.9 %', 'latest', 'first']),
    ...[...lateness].map(([{ name, value }, late]) =>
      row(`${name} (${value})`, [
        String(late.length),
        ...[
          percentile(late, 0.5),
          percentile(late, 0.99),
          percentile(late, 0.999),
          Math.max(...late),
          Math.min(...late),
        ].map((millis) => millis.toFixed(1)),
      ]),
    ),
  ];
}
