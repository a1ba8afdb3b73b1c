import type { Endpoint, EndpointSecurity, FailoverEndpoint, LoadBalanceEndpoint } from '../endpoint.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { type Balance, formatBalance, parseBalance } from './balance.ts';
import { formatRules, parseRules } from './group-rules.ts';
import type { LeafContext } from './leaf.ts';
import { formatMember, parseMember } from './member.ts';
import { asObject, flag, wholeNumber } from './scalars.ts';

/** What is being read: one side of the configuration, by WSO2's name and by ours. */
export interface Side {
  readonly key: 'production' | 'sandbox';
  /** `prod`, `sandbox`. */
  readonly name: string;
  readonly security: EndpointSecurity | null;
}

const maxMembers = 100;
/** Groups within groups. */
const maxDepth = 4;
const maxWeight = 1_000_000;

/** What members of a list have in common. */
type Family = Pick<LeafContext, 'security' | 'depth'>;

interface Listed {
  readonly endpoint: Endpoint;
  readonly weight: number;
}

/** The primary object first, then the list of the others; null when neither has an address. */
export function parseFailover(config: JsonObject, side: Side, findings: Findings): FailoverEndpoint | null {
  const read = (path: string, name: string) =>
    parseMembers(config[path], path, side, findings, (index) => `${name}[${index}]`);
  const primary = read(`${side.key}_endpoints`, side.name);
  const others = read(`${side.key}_failovers`, `${side.name}.failover`);
  return failoverOf(side.name, [...primary, ...others], config, '', findings);
}

function failoverOf(
  name: string,
  children: readonly Endpoint[],
  config: JsonObject,
  path: string,
  findings: Findings,
): FailoverEndpoint | null {
  const dynamic = flag(config, 'dynamic', path, findings) ?? true;
  const rules = parseRules(config, path, findings);
  if (children.length === 0) return null;
  return { kind: 'failover', name, children, ...(dynamic ? {} : { dynamic }), ...rules };
}

/** A list, or one object as a list of one; null when no member has an address. */
export function parseLoadBalance(
  config: JsonObject,
  side: Side,
  balance: Balance,
  findings: Findings,
): LoadBalanceEndpoint | null {
  const path = `${side.key}_endpoints`;
  const listed = parseList(config[path], path, side, findings, (index) => `${side.name}[${index}]`);
  return balanceOf(side.name, listed, balance);
}

function balanceOf(name: string, listed: readonly Listed[], balance: Balance): LoadBalanceEndpoint | null {
  if (listed.length === 0) return null;
  const weights = listed.map(({ weight }) => weight);
  const children = listed.map(({ endpoint }) => endpoint);
  const weighted = weights.some((weight) => weight !== 1);
  return { kind: 'load_balance', name, children, ...(weighted ? { weights } : {}), ...balance };
}

/** A group that is a member of another one: its own members stand in `members`. Null when none has an address. */
export function parseNested(
  config: JsonObject,
  kind: 'failover' | 'load_balance',
  context: LeafContext,
  path: string,
  findings: Findings,
): FailoverEndpoint | LoadBalanceEndpoint | null {
  const depth = (context.depth ?? 1) + 1;
  const where = member(path, 'members');
  if (depth > maxDepth) {
    findings.error(path, config, `at most ${maxDepth} groups within each other`, 'Put the members into fewer groups.');
    return null;
  }
  const { name, security } = context;
  const listed = parseList(config.members, where, { security, depth }, findings, (index) => `${name}[${index}]`);
  if (kind === 'load_balance') return balanceOf(name, listed, parseBalance(config, path, findings));
  const children = listed.map(({ endpoint }) => endpoint);
  return failoverOf(name, children, config, path, findings);
}

/** Reads a list of members; `nameOf` names each by its place among those that have an address. */
export function parseMembers(
  value: Json | undefined,
  path: string,
  family: Family,
  findings: Findings,
  nameOf: (index: number) => string,
): Endpoint[] {
  return parseList(value, path, family, findings, nameOf).map(({ endpoint }) => endpoint);
}

function parseList(
  value: Json | undefined,
  path: string,
  { security, depth }: Family,
  findings: Findings,
  nameOf: (index: number) => string,
): Listed[] {
  if (value === undefined || value === null || value === '') return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.length > maxMembers) {
    findings.error(path, value, `at most ${maxMembers} members`, 'Name fewer backends.');
    return [];
  }
  const listed: Listed[] = [];
  for (const [index, item] of list.entries()) {
    const where = Array.isArray(value) ? member(path, index) : path;
    const context = { kind: 'http', name: nameOf(listed.length), security, ownKind: true } as const;
    const endpoint = parseMember(item, depth === undefined ? context : { ...context, depth }, where, findings);
    if (endpoint !== null) listed.push({ endpoint, weight: parseWeight(item, where, findings) });
  }
  if (listed.reduce((sum, { endpoint }) => sum + sizeOf(endpoint), 0) <= maxMembers) return listed;
  findings.error(path, value, `at most ${maxMembers} members in all groups together`, 'Name fewer backends.');
  return [];
}

function parseWeight(item: Json, path: string, findings: Findings): number {
  const options = { unit: 'shares', minimum: 1, maximum: maxWeight };
  return wholeNumber(asObject(item) ?? {}, 'weight', path, findings, options) ?? 1;
}

function sizeOf(endpoint: Endpoint): number {
  return 'children' in endpoint ? endpoint.children.reduce((sum, child) => sum + sizeOf(child), 0) : 1;
}

/** The members of a group as they are read. */
export function formatMembers(group: { readonly children: readonly Endpoint[]; readonly weights?: readonly number[] }) {
  const { children, weights } = group;
  return children.map((child, index): JsonObject => {
    const weight = weights?.[index] ?? 1;
    return { ...formatMember(child), ...(weight === 1 ? {} : { weight }) };
  });
}

/** What a group says besides its members. */
export function formatGroup(group: FailoverEndpoint | LoadBalanceEndpoint): JsonObject {
  if (group.kind === 'load_balance') return formatBalance(group);
  return { failOver: true, ...(group.dynamic === false ? { dynamic: false } : {}), ...formatRules(group) };
}
