import type { HashKey, LoadBalanceEndpoint } from '../endpoint.ts';
import { type Findings, member } from '../finding.ts';
import type { JsonObject } from '../json.ts';
import { formatRules, parseRules } from './group-rules.ts';
import { asObject, atLeastOne, choice, flag, text, wholeNumber } from './scalars.ts';

/** All of a load-balanced group but its members. */
export type Balance = Omit<LoadBalanceEndpoint, 'kind' | 'name' | 'children' | 'weights'>;

const algorithmPackage = 'org.apache.synapse.endpoints.algorithms.';
/** The last two are Sluice's own, and no classes of WSO2's. */
const algorithmNames = {
  round_robin: `${algorithmPackage}RoundRobin`,
  weighted_round_robin: `${algorithmPackage}WeightedRoundRobin`,
  weighted_least_connections: `${algorithmPackage}WeightedRRLCAlgorithm`,
  least_requests: 'leastRequests',
  consistent_hash: 'consistentHash',
} as const;
const algorithms: Readonly<Record<string, LoadBalanceEndpoint['algorithm']>> = {
  roundrobin: 'round_robin',
  weightedroundrobin: 'weighted_round_robin',
  weightedrrlcalgorithm: 'weighted_least_connections',
  leastrequests: 'least_requests',
  consistenthash: 'consistent_hash',
};
/** Names that Synapse takes and the labels that the publisher's form has used for them. */
const sessions = {
  none: 'none',
  http: 'http',
  transport: 'http',
  soap: 'soap',
  simpleClientSession: 'simpleClientSession',
  'client id': 'simpleClientSession',
} as const;
const hashSources = { header: 'header', cookie: 'cookie', query: 'query', address: 'address' } as const;
/** A name of a header, cookie or parameter (RFC 9110 section 5.6.2). */
const token = /^[!#$%&'*+.^_`|~\w-]{1,128}$/;
const byAddress: HashKey = { source: 'address', name: '', bound: null };

/** Algorithm, session and failover of a load-balanced configuration, the same for both sides. */
export function parseBalance(config: JsonObject, path: string, findings: Findings): Balance {
  const failover = flag(config, 'failOver', path, findings) ?? true;
  const isOld = typeof config.failOver === 'string' && config.failOver.trim() === 'False';
  const type = choice(config, 'sessionManagement', path, findings, sessions);
  const timeout = wholeNumber(config, 'sessionTimeOut', path, findings, { unit: 'milliseconds' });
  const algorithm = parseAlgorithm(config, path, findings);
  return {
    algorithm,
    ...(algorithm === 'consistent_hash' ? { hash: parseHash(config, path, findings) } : {}),
    session: type === undefined || type === 'none' ? null : { type, timeout: timeout ?? null },
    failover,
    ...(failover || isOld ? {} : { offSince: '4.6' }),
    ...parseRules(config, path, findings),
  };
}

function parseAlgorithm(config: JsonObject, path: string, findings: Findings): LoadBalanceEndpoint['algorithm'] {
  for (const name of ['algoClassName', 'algoCombo', 'policy']) {
    const given = text(config, name, path, findings);
    // "other" stands in the combination box when the class is typed in by hand.
    if (given === undefined || given === 'other') continue;
    const word = given.slice(given.lastIndexOf('.') + 1).toLowerCase();
    const algorithm = Object.hasOwn(algorithms, word) ? algorithms[word] : undefined;
    if (algorithm !== undefined) return algorithm;
    const known = Object.values(algorithmNames).map((name) => name.slice(name.lastIndexOf('.') + 1));
    findings.error(
      member(path, name),
      given,
      `one of ${known.join(', ')}`,
      'Use one of these; classes of your own cannot be loaded.',
    );
    return 'round_robin';
  }
  return 'round_robin';
}

/** `hash` of a configuration: what tells calls apart. Without it, or where it is wrong, the client's address does. */
function parseHash(config: JsonObject, path: string, findings: Findings): HashKey {
  const value = config.hash;
  if (value === undefined || value === null || value === '') return byAddress;
  const where = member(path, 'hash');
  const source = asObject(value);
  if (source === undefined) {
    findings.error(where, value, 'an object with a source', 'Write { "source": "header", "name": "X-Customer" }.');
    return byAddress;
  }
  const from = choice(source, 'source', where, findings, hashSources) ?? 'address';
  const bound = atLeastOne(source, 'bound', where, findings) ?? null;
  if (from === 'address') return { ...byAddress, bound };
  const name = text(source, 'name', where, findings);
  if (name !== undefined && token.test(name)) return { source: from, name, bound };
  findings.error(member(where, 'name'), source.name, `the name of a ${from}`, 'Name it as calls carry it.');
  return { ...byAddress, bound };
}

/** Algorithm, session and failover as WSO2 writes them. */
export function formatBalance(balance: Balance): JsonObject {
  const algorithm = algorithmNames[balance.algorithm];
  const { hash } = balance;
  return {
    algoCombo: algorithm,
    algoClassName: algorithm,
    ...(hash === undefined ? {} : { hash: formatHash(hash) }),
    sessionManagement: balance.session?.type ?? '',
    sessionTimeOut: balance.session?.timeout == null ? '' : String(balance.session.timeout),
    failOver: balance.failover ? true : balance.offSince === undefined ? 'False' : false,
    ...formatRules(balance),
  };
}

function formatHash({ source, name, bound }: HashKey): JsonObject {
  return { source, ...(name === '' ? {} : { name }), ...(bound === null ? {} : { bound }) };
}
