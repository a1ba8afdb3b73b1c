import type { Log, LogFields } from '@sluice/model';

/** Records of one second that are written; a backend that is down, or a client that sends rubbish, would otherwise write one for every call. */
const mostPerSecond = 20;

/** Writes down what is wrong with backends, or with requests, bounded in time; what was left out is counted in the next record. */
export class FaultLog {
  readonly #log: Log;
  readonly #message: string;
  #second = 0;
  #written = 0;
  #leftOut = 0;

  constructor(log: Log, message: string) {
    this.#log = log;
    this.#message = message;
  }

  /** `now` in epoch milliseconds. */
  record(now: number, fields: LogFields): void {
    if (this.takes(now)) this.write(fields);
  }

  /** Whether there is room for a record, which `write` is to write then: for records that take time to put together. One without room is counted. */
  takes(now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    if (this.#written >= mostPerSecond) {
      this.#leftOut++;
      return false;
    }
    this.#written++;
    return true;
  }

  /** Writes what there is room for. */
  write(fields: LogFields): void {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    this.#log.warn(this.#message, leftOut === 0 ? fields : { ...fields, leftOut });
  }
}
