import type { Endpoint, EndpointSecurity, FailoverEndpoint, LoadBalanceEndpoint } from '../endpoint.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseMember } from './member.ts';
import { choice, text, wholeNumber } from './scalars.ts';

type Balance = Pick<LoadBalanceEndpoint, 'algorithm' | 'session' | 'failover'>;

/** What is being read: one side of the configuration, by WSO2's name and by ours. */
export interface Side {
  readonly key: 'production' | 'sandbox';
  /** `prod`, `sandbox`. */
  readonly name: string;
  readonly security: EndpointSecurity | null;
}

const maxMembers = 100;
const algorithmPackage = 'org.apache.synapse.endpoints.algorithms.';
const algorithmClasses = {
  round_robin: 'RoundRobin',
  weighted_round_robin: 'WeightedRoundRobin',
  weighted_least_connections: 'WeightedRRLCAlgorithm',
} as const;
const algorithms: Readonly<Record<string, LoadBalanceEndpoint['algorithm']>> = {
  roundrobin: 'round_robin',
  weightedroundrobin: 'weighted_round_robin',
  weightedrrlcalgorithm: 'weighted_least_connections',
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

/** The primary object first, then the list of the others; null when neither has an address. */
export function parseFailover(config: JsonObject, side: Side, findings: Findings): FailoverEndpoint | null {
  const primary = parseMembers(
    config[`${side.key}_endpoints`],
    `${side.key}_endpoints`,
    side,
    findings,
    (index) => `${side.name}[${index}]`,
  );
  const others = parseMembers(
    config[`${side.key}_failovers`],
    `${side.key}_failovers`,
    side,
    findings,
    (index) => `${side.name}.failover[${index}]`,
  );
  const children = [...primary, ...others];
  return children.length === 0 ? null : { kind: 'failover', name: side.name, children };
}

/** A list, or one object as a list of one; null when no member has an address. */
export function parseLoadBalance(
  config: JsonObject,
  side: Side,
  balance: Balance,
  findings: Findings,
): LoadBalanceEndpoint | null {
  const path = `${side.key}_endpoints`;
  const children = parseMembers(config[path], path, side, findings, (index) => `${side.name}[${index}]`);
  return children.length === 0 ? null : { kind: 'load_balance', name: side.name, children, ...balance };
}

/** Reads a list of members; `nameOf` names each by its place among those that have an address. */
export function parseMembers(
  value: Json | undefined,
  path: string,
  side: Side,
  findings: Findings,
  nameOf: (index: number) => string,
): Endpoint[] {
  if (value === undefined || value === null || value === '') return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.length > maxMembers) {
    findings.error(path, value, `at most ${maxMembers} members`, 'Name fewer backends.');
    return [];
  }
  const members: Endpoint[] = [];
  for (const [index, item] of list.entries()) {
    const where = Array.isArray(value) ? member(path, index) : path;
    const context = { kind: 'http', name: nameOf(members.length), security: side.security, ownKind: true } as const;
    const one = parseMember(item, context, where, findings);
    if (one !== null) members.push(one);
  }
  return members;
}

/** Algorithm, session and failover of a load-balanced configuration, the same for both sides. */
export function parseBalance(config: JsonObject, honourBooleanFailover: boolean, findings: Findings): Balance {
  const failOver = config.failOver;
  const off = failOver === false ? honourBooleanFailover : isFalseText(failOver, honourBooleanFailover);
  if (failOver !== undefined && failOver !== null && failOver !== '' && typeof failOver !== 'boolean') {
    if (typeof failOver !== 'string' || !/^(true|false)$/i.test(failOver.trim())) {
      findings.error('failOver', failOver, 'true or false', 'Correct the value, or leave it out.');
    }
  }
  const type = choice(config, 'sessionManagement', '', findings, sessions);
  const timeout = wholeNumber(config, 'sessionTimeOut', '', findings, { unit: 'milliseconds' });
  return {
    algorithm: parseAlgorithm(config, findings),
    session: type === undefined || type === 'none' ? null : { type, timeout: timeout ?? null },
    failover: !off,
  };
}

/** Templates before 4.6 know the text `False` alone; the boolean, and other spellings, came with the setting. */
function isFalseText(value: Json | undefined, honourBooleanFailover: boolean): boolean {
  if (typeof value !== 'string') return false;
  const word = value.trim();
  return word === 'False' || (honourBooleanFailover && word.toLowerCase() === 'false');
}

function parseAlgorithm(config: JsonObject, findings: Findings): LoadBalanceEndpoint['algorithm'] {
  for (const name of ['algoClassName', 'algoCombo', 'policy']) {
    const given = text(config, name, '', findings);
    // "other" stands in the combination box when the class is typed in by hand.
    if (given === undefined || given === 'other') continue;
    const word = given.slice(given.lastIndexOf('.') + 1).toLowerCase();
    const algorithm = Object.hasOwn(algorithms, word) ? algorithms[word] : undefined;
    if (algorithm !== undefined) return algorithm;
    const known = Object.values(algorithmClasses).join(', ');
    findings.error(name, given, `one of ${known}`, 'Use one of these; classes of your own cannot be loaded.');
    return 'round_robin';
  }
  return 'round_robin';
}

/** Algorithm, session and failover as WSO2 writes them. The text `False` is read by every version. */
export function formatBalance(balance: Balance): JsonObject {
  const algorithm = algorithmPackage + algorithmClasses[balance.algorithm];
  return {
    algoCombo: algorithm,
    algoClassName: algorithm,
    sessionManagement: balance.session?.type ?? '',
    sessionTimeOut: balance.session?.timeout == null ? '' : String(balance.session.timeout),
    failOver: balance.failover ? true : 'False',
  };
}
