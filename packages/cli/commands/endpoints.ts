import { userInfo } from 'node:os';
import { type EndpointDesk, type EndpointState, endpointStatuses } from '@sluice/model';
import { type Command, homeOption, UsageError } from '../command.ts';
import { desksOf } from '../counters/desk-caller.ts';
import { endpointTable, stateText } from '../endpoints/table.ts';
import { locateHome } from '../home/home.ts';

export const command: Command = {
  usage: `
sluice endpoints [list] [--search TEXT] [--state STATE] [--limit N]   the endpoints of all APIs, those that are not active first
sluice endpoints suspend ENDPOINT                                     takes one out of use: no call goes to it until it is resumed
sluice endpoints resume ENDPOINT                                      takes it into use, whether it was taken out or rests after faults

ENDPOINT is an id as the list shows it, or API/VERSION/NAME. The gateway must run, on this machine and in this home.
  --search TEXT  only those with TEXT in id, API, name or URL
  --state STATE  only those that are active, timeout, suspended or off
  --limit N      at most so many (default 50)
  --json         as JSON, for programs
  --home DIR     the home of the gateway (default: SLUICE_HOME, else ./.sluice)`,
  options: {
    ...homeOption,
    search: { type: 'string' },
    state: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  },
  takesWords: true,
  async run({ options, words: [verb = 'list', name, ...rest] }) {
    const { endpoints: desk } = desksOf(locateHome(options.home as string | undefined, process.env));
    if (verb === 'list' && name === undefined) return list(desk, options);
    if ((verb !== 'suspend' && verb !== 'resume') || name === undefined || rest.length > 0) {
      throw new UsageError('say: sluice endpoints list | suspend ENDPOINT | resume ENDPOINT');
    }
    const { id } = await named(desk, name);
    const endpoint = await desk.switch(id, verb === 'resume', `${userInfo().username} by command`);
    if (endpoint === undefined) throw new UsageError(unknown(name));
    process.stdout.write(
      options.json
        ? `${JSON.stringify(endpoint)}\n`
        : `${endpoint.api}/${endpoint.name} is ${stateText(endpoint)}: ${endpoint.url}\n`,
    );
    return 0;
  },
};

type Options = Readonly<Record<string, string | boolean | undefined>>;

async function list(desk: EndpointDesk, { search, state: wanted, limit = '50', json }: Options): Promise<number> {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > 100_000) {
    throw new UsageError('--limit takes a whole number from 1 to 100000');
  }
  const state = endpointStatuses.find((one) => one === wanted);
  if (wanted !== undefined && state === undefined) {
    throw new UsageError(`--state takes ${endpointStatuses.join(', ')}`);
  }
  const page = await desk.list({
    ...{ offset: 0, limit: most },
    ...(search === undefined ? {} : { search: String(search) }),
    ...(state === undefined ? {} : { state }),
  });
  process.stdout.write(json ? `${JSON.stringify(page)}\n` : endpointTable(page.endpoints, page.total));
  return 0;
}

/** By its id, or by names that only one endpoint has. */
async function named(desk: EndpointDesk, name: string): Promise<EndpointState> {
  const { endpoints } = await desk.list({ search: name, offset: 0, limit: 1000 });
  const same = endpoints.filter(({ id, api, name: own }) => id === name || `${api}/${own}` === name);
  const [one, ...others] = same;
  if (one === undefined) throw new UsageError(unknown(name));
  if (others.length > 0) {
    throw new UsageError(`${name} is the name of several; say which: ${same.map(({ id }) => id).join(', ')}`);
  }
  return one;
}

function unknown(name: string): string {
  return `the gateway serves no endpoint ${name}; sluice endpoints list shows those that it serves`;
}
