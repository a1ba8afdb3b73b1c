import { createHash } from 'node:crypto';
import type { Log } from '@sluice/model';
import type { Lease, LeaseRequest, Pool } from '../authority.ts';
import { connectRedis, type RedisLink, reasonOf } from './connect.ts';
import { beatEvery } from './membership.ts';
import type { RedisPoolOptions } from './options.ts';
import { Outage } from './outage.ts';
import { Shard } from './shard.ts';

/** Parts of the counters that know nothing of each other: a cluster has them on different nodes. All gateways have the same number. */
const clusterShards = 16;

/** Units that several gateways share, kept in Redis. */
export class RedisPool implements Pool {
  private readonly options: RedisPoolOptions;
  private readonly shards: readonly Shard[];
  private readonly outage: Outage;
  private readonly beats: NodeJS.Timeout;
  private link: RedisLink | undefined;
  private opening: Promise<void>;
  private closed = false;
  private forget: (counter: string) => void = () => {};

  /** Connects in the background; until then it answers as while Redis is away. */
  constructor(options: RedisPoolOptions) {
    this.options = options;
    const count = options.redis.at.kind === 'cluster' ? clusterShards : 1;
    const outage = new Outage(options.log, options.fail, count);
    this.outage = outage;
    this.shards = Array.from(
      { length: count },
      (_, index) =>
        new Shard(`throttle-${index}`, options, {
          link: () => this.link,
          failed: (cause) => outage.begin(index, cause),
          worked: () => outage.end(index),
          wasReset: (counter) => this.forget(counter),
        }),
    );
    this.opening = this.open(options.log);
    this.beats = setInterval(() => this.beat(), beatEvery);
    this.beats.unref();
  }

  request(
    batch: readonly (LeaseRequest & { readonly spent: number })[],
    answer: (leases: readonly Lease[]) => void,
  ): void {
    const now: Lease[] = [];
    let later: Lease[] | undefined;
    let sync = true;
    const give = (lease: Lease) => {
      if (sync) {
        now.push(lease);
      } else if (later) {
        later.push(lease);
      } else {
        later = [lease];
        // What comes in the same turn goes out together.
        queueMicrotask(() => {
          const leases = later ?? [];
          later = undefined;
          answer(leases);
        });
      }
    };
    for (const request of batch) this.shardOf(request.counter).request(request, give);
    sync = false;
    if (now.length > 0) answer(now);
  }

  reset(counter: string): void {
    this.shardOf(counter).reset(counter);
  }

  /** Tells of counters that were reset at other gateways. */
  watchResets(forget: (counter: string) => void): void {
    this.forget = forget;
  }

  /** Has the other gateways reset a counter. Rejects where Redis cannot be told. */
  async tellReset(counter: string): Promise<void> {
    if (this.link === undefined || !this.connected) throw new Error('Redis is away');
    await this.shardOf(counter).tellReset(this.link, counter);
  }

  /** Whether Redis answers. */
  get connected(): boolean {
    return !this.outage.is;
  }

  /** Tells Redis what was spent, gives the rest back, leaves, and closes the connections; within a second. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.beats);
    await this.opening;
    const { link } = this;
    if (link) {
      let late: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((done) => {
        late = setTimeout(done, 1000);
      });
      await Promise.race([Promise.all(this.shards.map((shard) => shard.leave(link))).catch(() => undefined), limit]);
      clearTimeout(late);
    }
    for (const shard of this.shards) shard.close();
    this.outage.close();
    link?.close();
    this.link = undefined;
  }

  private async open(log: Log): Promise<void> {
    try {
      this.link = await connectRedis(
        this.options.redis,
        this.shards.map((shard) => shard.channel),
        {
          ready: () => this.beat(),
          lost: (cause) => {
            for (const shard of this.shards) shard.lost(cause);
          },
          message: (channel, text) => this.shards.find((shard) => shard.channel === channel)?.hear(text),
        },
      );
    } catch (error) {
      log.error('Redis cannot be used', { cause: reasonOf(error as Error) });
    }
  }

  private beat(): void {
    this.link?.ping();
    for (const shard of this.shards) shard.beat();
  }

  private shardOf(counter: string): Shard {
    const [first] = this.shards;
    if (this.shards.length === 1 && first) return first;
    const hash = createHash('sha256').update(counter).digest();
    return this.shards[(hash[0] ?? 0) % this.shards.length] as Shard;
  }
}
