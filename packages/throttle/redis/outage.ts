import type { Log } from '@sluice/model';

const meanwhile = {
  closed: 'what is held is spent, and no more',
  'local-share': 'each gateway spends its share of each limit',
  open: 'calls pass uncounted',
} as const;

/** Milliseconds for which Redis answers before it counts as back. */
const steadyAfter = 1000;

/** Tells the log when Redis goes and when it is back, once each. A part of it that is away counts as all of it. */
export class Outage {
  private readonly log: Log;
  private readonly fail: keyof typeof meanwhile;
  private readonly parts: Set<number>;
  private since = performance.now();
  private told = false;
  private steady: NodeJS.Timeout | undefined;

  /** `parts` are away until they are said to work. */
  constructor(log: Log, fail: keyof typeof meanwhile, parts: number) {
    this.log = log;
    this.fail = fail;
    this.parts = new Set(Array(parts).keys());
  }

  /** Redis does not answer, or has not yet. */
  get is(): boolean {
    return this.parts.size > 0;
  }

  begin(part: number, cause: string): void {
    clearTimeout(this.steady);
    this.steady = undefined;
    if (this.parts.size === 0 && !this.told) this.since = performance.now();
    this.parts.add(part);
    if (this.told) return;
    this.told = true;
    this.log.warn('Redis is away: limits are not shared with other gateways for now', {
      cause,
      meanwhile: meanwhile[this.fail],
    });
  }

  end(part: number): void {
    if (!this.parts.delete(part) || this.parts.size > 0) return;
    if (!this.told) {
      this.log.info('limits are shared with other gateways through Redis');
      return;
    }
    const awayMillis = Math.round(performance.now() - this.since);
    // While one server takes over from another, Redis may come and go: that is one outage.
    this.steady = setTimeout(() => {
      this.told = false;
      this.log.info('Redis is back: limits are shared with other gateways again', { awayMillis });
    }, steadyAfter).unref();
  }

  close(): void {
    clearTimeout(this.steady);
  }
}
