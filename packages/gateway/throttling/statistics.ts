import { type Level, type LevelName, levels } from './level.ts';

/** What a level did to calls since the start. */
export interface LevelStatistics {
  /** `deny` are the deny policies. */
  readonly level: LevelName | 'deny';
  /** Calls that were counted there and went on. */
  readonly admitted: number;
  /** Calls beyond the quota that went on all the same, since their plan does not stop them. */
  readonly passed: number;
  readonly refused: number;
}

/** Throttling in numbers, since the start. */
export interface ThrottlingStatistics {
  readonly levels: readonly LevelStatistics[];
  /** Calls that had to wait for units, and those that were refused since nobody could be asked for any. */
  readonly waited: number;
  readonly unasked: number;
}

/** Counts what became of calls, by level. */
export class ThrottlingCounts {
  readonly #admitted: number[] = levels.map(() => 0);
  readonly #passed: number[] = levels.map(() => 0);
  readonly #refused: number[] = levels.map(() => 0);
  denied = 0;
  waited = 0;
  unasked = 0;

  admitted({ index }: Level): void {
    (this.#admitted[index] as number)++;
  }

  passed({ index }: Level): void {
    (this.#passed[index] as number)++;
  }

  refused({ index }: Level): void {
    (this.#refused[index] as number)++;
  }

  get statistics(): ThrottlingStatistics {
    return {
      levels: [
        { level: 'deny', admitted: 0, passed: 0, refused: this.denied },
        ...levels.map(({ name, index }) => ({
          level: name,
          admitted: this.#admitted[index] ?? 0,
          passed: this.#passed[index] ?? 0,
          refused: this.#refused[index] ?? 0,
        })),
      ],
      waited: this.waited,
      unasked: this.unasked,
    };
  }
}
