import { setTimeout as delay } from 'node:timers/promises';
import { workersOf } from '../workers/workers.ts';
import type { SoakBackend } from './backend.ts';
import type { Dice } from './dice.ts';
import type { Events } from './judge.ts';
import { killAndTell } from './processes.ts';
import type { Site } from './site.ts';

/** What is injected, how often, and what the judge must know of it. */
export class Faults implements Events {
  readonly killed = new Map<number, number>();
  readonly reloads: number[] = [];
  readonly backends: readonly SoakBackend[];
  /** How often each was injected. */
  readonly counts = new Map<string, number>();
  /** A worker that is spared from now on, so that its memory can be followed. */
  elder = 0;
  readonly #roll: Dice;
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];

  constructor(backends: readonly SoakBackend[], roll: Dice) {
    this.backends = backends;
    this.#roll = roll;
  }

  /**
   * Begins. `pace` stretches the times between faults; workers are replaced by reloads until `reloadMillis` have passed, and then the oldest one is spared.
   */
  start(site: Site, pace: number, reloadMillis: number): void {
    const began = performance.now();
    const ports = [site.urls.plain, site.urls.secure].map((url) => Number(new URL(url).port));
    const { pid } = site.program;
    this.#repeat('revision deployed', 1500 * pace, () => site.swap());
    this.#repeat('backend killed and restarted', 4000 * pace, () => this.#bounce(600 * pace));
    this.#repeat('worker killed', 10_000 * pace, async () => {
      const candidates = workersOf({ pid }).filter((worker) => worker !== this.elder);
      const victim = candidates[this.#roll(candidates.length)];
      if (victim === undefined) return;
      const at = performance.now();
      for (const port of killAndTell(victim, ports)) this.killed.set(port, at);
    });
    this.#repeat('workers replaced by a reload', 14_000 * pace, async () => {
      if (performance.now() - began > reloadMillis) {
        const workers = workersOf({ pid });
        // The oldest one may have been about to end.
        if (!workers.includes(this.elder)) this.elder = workers[0] ?? 0;
        return false;
      }
      this.reloads.push(performance.now());
      process.kill(pid, 'SIGHUP');
      return true;
    });
  }

  /** Lets the last fault end. Rejects when one could not be injected. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  /** `run` may say that nothing was done. */
  #repeat(name: string, millis: number, run: () => Promise<unknown>): void {
    const loop = async () => {
      for (;;) {
        const wait = millis / 2 + this.#roll(Math.round(millis));
        await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => {});
        if (this.#stop.signal.aborted) return;
        if ((await run()) !== false) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      }
    };
    this.#loops.push(loop());
  }

  /** A backend is away for `millis` at most. */
  async #bounce(millis: number): Promise<void> {
    const backend = this.backends[this.#roll(this.backends.length)] as SoakBackend;
    backend.kill();
    await delay(this.#roll(Math.round(millis)));
    await backend.start();
  }
}
