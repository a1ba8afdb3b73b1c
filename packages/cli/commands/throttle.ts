import type { CounterDesk, CounterState } from '@sluice/model';
import { type Command, homeOption, UsageError } from '../command.ts';
import { desksOf } from '../counters/desk-caller.ts';
import { counterDetails, counterTable } from '../counters/table.ts';
import { locateHome } from '../home/home.ts';

export const command: Command = {
  usage: `
sluice throttle [list] [--search TEXT] [--level LEVEL] [--limit N]   the counters of limits in their open windows, fullest first
sluice throttle show COUNTER                                         one of them, and which process holds how much of it
sluice throttle reset COUNTER                                        forgets what was counted in the open window, at all gateways that share it

COUNTER is an id or a key as the list shows them. The gateway must run, on this machine and in this home.
  --search TEXT  only those with TEXT in level or key
  --level LEVEL  only those of one level
  --limit N      at most so many (default 50)
  --json         as JSON, for programs
  --home DIR     the home of the gateway (default: SLUICE_HOME, else ./.sluice)`,
  options: {
    ...homeOption,
    search: { type: 'string' },
    level: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  },
  takesWords: true,
  async run({ options, words: [verb = 'list', name, ...rest] }) {
    const { counters: desk } = desksOf(locateHome(options.home as string | undefined, process.env));
    if (verb === 'list' && name === undefined) return list(desk, options);
    if ((verb !== 'show' && verb !== 'reset') || name === undefined || rest.length > 0) {
      throw new UsageError('say: sluice throttle list | show COUNTER | reset COUNTER');
    }
    if (verb === 'reset') return reset(desk, name);
    const counter = await named(desk, name);
    if (counter === undefined) throw new UsageError(nothingCounted(name));
    process.stdout.write(options.json ? `${JSON.stringify(counter)}\n` : counterDetails(counter));
    return 0;
  },
};

type Options = Readonly<Record<string, string | boolean | undefined>>;

async function list(desk: CounterDesk, { search, level, limit = '50', json }: Options): Promise<number> {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > 100_000) {
    throw new UsageError('--limit takes a whole number from 1 to 100000');
  }
  const page = await desk.list({
    ...{ offset: 0, limit: most },
    ...(search === undefined ? {} : { search: String(search) }),
    ...(level === undefined ? {} : { level: String(level) }),
  });
  process.stdout.write(json ? `${JSON.stringify(page)}\n` : counterTable(page.counters, page.total));
  return 0;
}

/** Gateways that share a counter are told of it by its id, whether this one has counted anything or not. */
async function reset(desk: CounterDesk, name: string): Promise<number> {
  const id = (await named(desk, name))?.id ?? name;
  if (!(await desk.reset(id))) throw new UsageError(nothingCounted(name));
  process.stdout.write(`${id} begins anew.\n`);
  return 0;
}

/** By its id, or by a key that only one counter has. */
async function named(desk: CounterDesk, name: string): Promise<CounterState | undefined> {
  const known = await desk.find(name);
  if (known) return known;
  const { counters } = await desk.list({ search: name, offset: 0, limit: 1000 });
  const same = counters.filter(({ key }) => key === name);
  const [one, ...others] = same;
  if (others.length > 0) {
    throw new UsageError(`${name} is the key of several; say which: ${same.map(({ id }) => id).join(', ')}`);
  }
  return one;
}

function nothingCounted(name: string): string {
  return `nothing was counted for ${name} in a window that is open; sluice throttle list shows what was`;
}
