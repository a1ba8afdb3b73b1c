import type { Log } from '@sluice/model';

/** Milliseconds without a pause after which accepting counts as going on again. */
const quietMillis = 1000;

/**
 * Says in the log when no more connections are accepted because the most are open, and when that is over. At the limit
 * pauses come and go with every connection: they are one until none has come for a second.
 */
export class PauseLog {
  readonly #log: Log;
  #said = false;
  #end: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  update(paused: boolean, connections: number): void {
    if (!paused) {
      if (this.#said) this.#end ??= setTimeout(() => this.#over(), quietMillis).unref();
      return;
    }
    clearTimeout(this.#end);
    this.#end = undefined;
    if (this.#said) return;
    this.#said = true;
    this.#log.warn('no more connections are accepted: the most are open; new ones wait', {
      connections,
      setting: 'passthru_http.max_open_connections',
    });
  }

  #over(): void {
    this.#end = undefined;
    this.#said = false;
    this.#log.info('connections are accepted again');
  }
}
