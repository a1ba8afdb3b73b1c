import { join } from 'node:path';
import type { CounterDesk, Log } from '@sluice/model';
import { type Connection, MachineAuthority, type RedisPool, systemClock } from '@sluice/throttle';
import type { Home } from '../home/home.ts';
import { lockCounters } from '../home/lock.ts';
import { LogFile } from '../log-file.ts';
import { MachineDesk } from './desk.ts';
import { serveDesk } from './desk-service.ts';
import type { Desks } from './desk-socket.ts';
import { Journal, keptWindows } from './journal.ts';
import { LeaseCounts } from './lease-counts.ts';
import { counterMetrics } from './metrics.ts';
import { NearLimits } from './near-limits.ts';
import { type LeaseObserver, WatchedConnection } from './watched-connection.ts';

export interface MachineCountersOptions {
  readonly home: Home;
  readonly log: Log;
  /** Keep the counters of open windows in the home. */
  readonly keeps: boolean;
  /** Tell of limits that are reached or nearly reached. */
  readonly tells: boolean;
  /**
   * Opens the pool that gateways share, which keeps their counters too; absent where limits are this machine's alone.
   * `alone` is false where another gateway has the home.
   */
  readonly openPool?: (alone: boolean) => RedisPool;
}

/** The counters of all processes of this machine: the authority that grants leases, and what looks on. */
export interface MachineCounters {
  readonly desk: CounterDesk;
  /** Connects a process, by the name that operators see. */
  connect(holder: string): Connection;
  /** Answers commands of this machine, about counters and about what else the gateway knows. */
  serve(others: Omit<Desks, 'counters'>): Promise<void>;
  /** Prometheus text form. */
  metrics(): string;
  close(): Promise<void>;
}

/** Opens the counters of a home, with what an earlier program has kept there. */
export function openCounters({ home, log, keeps, tells, openPool }: MachineCountersOptions): MachineCounters {
  const now = systemClock.epoch;
  const counts = new LeaseCounts();
  const observers: LeaseObserver[] = [(batch, leases) => counts.note(batch, leases)];

  const unlock = lockCounters(home);
  if (unlock === null) {
    log.warn('another gateway runs in this home: the counters of this one are not kept, and commands reach the other', {
      home: home.path,
    });
  }
  const pool = openPool?.(unlock !== null);
  const authority = new MachineAuthority({ clock: systemClock, ...(pool ? { pool } : {}) });
  let journal: Journal | undefined;
  if (unlock !== null && keeps && pool === undefined) {
    const file = join(home.data, 'counters.journal');
    authority.restore(keptWindows(file, now(), log));
    journal = new Journal({ file, log, now, authority });
    observers.push((batch, leases) => journal?.note(batch, leases));
  }
  let nearLimits: NearLimits | undefined;
  if (tells) {
    const events = new LogFile(join(home.logs, 'throttle_events.log'));
    const near = new NearLimits(log, (line) => events.write(line), now);
    nearLimits = near;
    observers.push((batch, leases) => near.noteAll(batch, leases));
  }

  const observe: LeaseObserver = (batch, leases) => {
    for (const each of observers) each(batch, leases);
  };
  const desk = new MachineDesk(authority, {
    onReset(counter) {
      journal?.noteReset(counter);
      nearLimits?.forget(counter);
      log.info('a counter was reset', { counter });
    },
    ...(pool ? { tellOthers: (counter) => pool.tellReset(counter) } : {}),
  });
  pool?.watchResets((counter) => desk.resetHere(counter));
  let service: { close(): void } | undefined;
  return {
    desk,
    connect: (holder) => new WatchedConnection(authority.connect(holder), observe),
    async serve(others) {
      if (unlock === null) return;
      try {
        service = await serveDesk(home, { counters: desk, ...others });
      } catch (error) {
        log.warn('the commands "sluice throttle", "sluice endpoints" and "sluice explain" cannot reach this gateway', {
          reason: (error as Error).message,
        });
      }
    },
    metrics: () => counterMetrics(counts, authority.size, nearLimits?.counts, pool?.connected),
    async close() {
      service?.close();
      await pool?.close();
      await journal?.close();
      unlock?.();
    },
  };
}
