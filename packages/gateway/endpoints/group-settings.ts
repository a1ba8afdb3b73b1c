import { ClientAddress } from '../throttling/client-address.ts';
import type { BudgetOptions } from './balance/retry-budget.ts';
import { type SessionExchange, SessionTables } from './session/session-tables.ts';

/** What the groups of one gateway share. */
export interface GroupSettings {
  /** Further attempts of calls whose first one reached a backend. */
  readonly budget: BudgetOptions;
  /** Bytes up to which the body of an idempotent request is kept for another member; 0 keeps none. */
  readonly keepsBody: number;
  readonly addresses: ClientAddress;
  /** `failOver: false` of load-balanced groups is heard; false hears the old spelling alone. */
  readonly failoverSwitch: boolean;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  readonly sessions: SessionTables;
  readonly statistics: GroupStatistics;
}

/** Counters since the start. */
export interface GroupStatistics {
  /** Calls that another member took over. */
  callsTakenOver: number;
  /** Calls that no other member got because the budget for further attempts was spent. */
  callsOverBudget: number;
}

/** How groups of endpoints treat calls. Plain data. */
export interface GroupOptions {
  /**
   * Share of the calls of the last ten seconds that a group may send once more when their first attempt failed after it had reached a backend, 0
   * to 1, and how many it may in each second at least. Default 0.2 and 10.
   */
  readonly retryShare?: number;
  readonly retryFloor?: number;
  /** `apim.endpoint_config.loadbalanced.enable_failover`: false hears of `failOver` the text `False` alone, as WSO2 before 4.6. Default true. */
  readonly failoverSwitch?: boolean;
  /** Milliseconds that a session lasts without use, for groups that do not say it. Default 600,000. */
  readonly sessionTimeout?: number;
  /** Sessions that are kept for one group. Default 50,000. */
  readonly mostSessions?: number;
}

/** `keepsBody` in bytes; `trustedProxies` as `ThrottlingOptions` has them; `sessions` reaches the other processes of the machine. */
export function groupSettings(
  {
    retryShare = 0.2,
    retryFloor = 10,
    sessionTimeout = 600_000,
    mostSessions = 50_000,
    failoverSwitch = true,
  }: GroupOptions,
  {
    keepsBody,
    trustedProxies = [],
    sessions,
  }: { keepsBody: number; trustedProxies?: readonly string[] | undefined; sessions?: SessionExchange | undefined },
): GroupSettings {
  return {
    budget: { share: retryShare, floor: retryFloor },
    keepsBody,
    failoverSwitch,
    addresses: new ClientAddress(trustedProxies),
    random: Math.random,
    sessions: new SessionTables({ timeout: sessionTimeout, most: mostSessions }, sessions),
    statistics: { callsTakenOver: 0, callsOverBudget: 0 },
  };
}
