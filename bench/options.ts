import { parseArgs } from 'node:util';
import { type Case, cases } from './cases.ts';
import { type MemoryCase, memoryCases } from './memory/cases.ts';
import { proxies } from './proxies/all.ts';
import type { ProxyProgram } from './proxies/proxy.ts';

export interface Options {
  readonly cases: readonly Case[];
  readonly memory: readonly MemoryCase[];
  /** nginx is always among them: the ratios are to it. */
  readonly proxies: readonly ProxyProgram[];
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Most measurements made for one that the host of the machine did not disturb. */
  readonly tries: number;
  readonly json: boolean;
}

export const usage = `Usage: npm run bench -- [memory | throttling | endpoints] [OPTIONS]
  memory          only the cases of memory
  throttling      only the cases of limits
  endpoints       only the case of groups of endpoints and deadlines
  --cases A,B     only these cases: ${[...cases, ...memoryCases].map(({ key }) => key).join(', ')}
  --proxies A,B   only these programs, and nginx: ${proxies.map(({ key }) => key).join(', ')};
                  the cases of limits and of endpoints have their own
  --rounds N      rounds of each case; the figures are medians of them (4)
  --seconds N     seconds of each measurement (1)
  --tries N       a measurement during which the host of the machine took more than 1 % of a processor
                  is made again, up to so many in all; the one that was disturbed least counts (2)
  --quick         one round, fewer programs and cases
  --json          the figures as JSON on stdout instead of the table
`;

/** @throws with what is wrong and what there is. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      cases: { type: 'string' },
      proxies: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      tries: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { quick } = values;
  const usualCases = usual(positionals, quick);
  const usualProxies = proxies.filter((proxy) => proxy.quick || !quick);
  const chosen = choose<Case | MemoryCase>('--cases', values.cases, [...cases, ...memoryCases], usualCases);
  return {
    cases: chosen.filter((one) => 'deployment' in one),
    memory: chosen.filter((one) => 'load' in one),
    proxies: choose('--proxies', values.proxies && `nginx,${values.proxies}`, proxies, usualProxies),
    rounds: positive('--rounds', values.rounds, quick ? 1 : 4),
    seconds: positive('--seconds', values.seconds, 1),
    tries: positive('--tries', values.tries, 2),
    json: values.json,
  };
}

/** The cases that nobody named: all of one part of the bench, or of the whole, less what takes long. */
function usual(parts: readonly string[], quick: boolean): readonly (Case | MemoryCase)[] {
  switch (parts.join(' ')) {
    case 'memory':
      return memoryCases;
    case 'throttling':
      return cases.filter(aboutLimits);
    case 'endpoints':
      return cases.filter(({ deployment }) => deployment === 'endpoints');
    case '':
      return [...cases.filter(({ slow }) => !(quick && slow)), ...(quick ? [] : memoryCases)];
    default:
      throw new Error(`"${parts.join(' ')}": only "memory", "throttling" and "endpoints" stand alone`);
  }
}

function aboutLimits({ deployment }: Case): boolean {
  return deployment === 'limits' || deployment === 'shared limits';
}

function choose<T extends { readonly key: string }>(
  option: string,
  names: string | undefined,
  all: readonly T[],
  usual: readonly T[],
): readonly T[] {
  if (names === undefined) return usual;
  const wanted = new Set(names.split(','));
  for (const name of wanted) {
    if (all.some(({ key }) => key === name)) continue;
    throw new Error(`${option}: there is no "${name}", only ${all.map(({ key }) => key).join(', ')}`);
  }
  return all.filter(({ key }) => wanted.has(key));
}

function positive(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`${option}: a whole number from 1 to 9999, not "${text}"`);
  return Number(text);
}
