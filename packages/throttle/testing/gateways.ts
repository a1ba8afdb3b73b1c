import type { Log, LogFields } from '@sluice/model';
import type { Lease } from '../authority.ts';
import type { Limit } from '../limit.ts';
import type { RedisConnection } from '../redis/options.ts';
import { RedisPool } from '../redis/pool.ts';

/** A line that was logged. */
export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** A log that keeps its lines and tells who waits for one. */
export class KeptLog implements Log {
  readonly lines: Line[] = [];
  private readonly waiting: (() => void)[] = [];

  debug(message: string, fields?: LogFields): void {
    this.keep('debug', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.keep('info', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.keep('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.keep('error', message, fields);
  }
  child(): Log {
    return this;
  }

  /** Resolves with the `count`th line that has the text in its message. */
  async line(text: string, count = 1): Promise<Line> {
    for (;;) {
      const found = this.lines.filter(({ message }) => message.includes(text))[count - 1];
      if (found) return found;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private keep(level: string, message: string, fields: LogFields | undefined): void {
    this.lines.push({ level, message, fields });
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** A gateway's pool, asked unit by unit. */
export class TestGateway {
  readonly log = new KeptLog();
  readonly pool: RedisPool;
  /** Units granted by counter and window. */
  readonly granted = new Map<string, number>();
  /** Longest time that a request took, in milliseconds. */
  slowest = 0;

  constructor(
    redis: RedisConnection,
    { fail = 'local-share', home = Math.random().toString(36), forgetAfter = 3_600_000 }: Partial<PoolChoices> = {},
  ) {
    this.pool = new RedisPool({ redis, home, fail, forgetAfter, answerWithin: 50, log: this.log });
  }

  /** Waits until Redis has answered. */
  async ready(): Promise<this> {
    if (!this.pool.connected) await this.log.line('shared');
    while (!this.pool.connected) await turn(5);
    return this;
  }

  /** Asks once. */
  ask(
    counter: string,
    limit: Limit,
    needed = 1,
    more: Partial<{ owed: number; returned: number; window: number }> = {},
  ) {
    const sent = performance.now();
    return new Promise<Lease>((resolve) => {
      this.pool.request([{ counter, limit, needed, owed: 0, returned: 0, window: 0, spent: 0, ...more }], ([lease]) => {
        const took = performance.now() - sent;
        if (took > this.slowest) this.slowest = took;
        const it = lease as Lease;
        const key = `${counter}@${it.window}`;
        this.granted.set(key, (this.granted.get(key) ?? 0) + it.units);
        resolve(it);
      });
    });
  }

  /** Asks for units one by one until the window has no more; answers how many there were. Asks again while others may give back. */
  async drain(counter: string, limit: Limit, { most = Number.POSITIVE_INFINITY, step = 1 } = {}): Promise<number> {
    let got = 0;
    while (got < most) {
      const { units, outcome } = await this.ask(counter, limit, step);
      got += units;
      if (units === 0 && outcome !== 'pending') return got;
    }
    return got;
  }
}

interface PoolChoices {
  readonly fail: 'closed' | 'local-share' | 'open';
  readonly home: string;
  readonly forgetAfter: number;
}

/** Lets time pass, for what only time brings. */
export function turn(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** Reaches the server at that port. */
export function at(port: number, more: Partial<RedisConnection> = {}): RedisConnection {
  return {
    at: { kind: 'server', address: { host: '127.0.0.1', port } },
    database: 0,
    connectTimeout: 2000,
    ...more,
  };
}
