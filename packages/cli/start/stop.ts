import type { Log } from '@sluice/model';

/** The wish to stop, as SIGTERM or SIGINT tells it. */
export interface StopRequest {
  /** Resolves with the signal; also when it came while the program was still starting. */
  readonly requested: Promise<NodeJS.Signals>;
}

/** Listens for the first signal from now on; a second one does not wait for an orderly end. */
export function listenForStop(): StopRequest {
  return {
    requested: new Promise((resolve) => {
      let stopping = false;
      for (const name of ['SIGTERM', 'SIGINT'] as const) {
        process.on(name, () => {
          if (stopping) process.exit(130);
          stopping = true;
          resolve(name);
        });
      }
    }),
  };
}

/** Waits for the request, closes in order, and resolves with the exit code. */
export async function untilStopped({ requested }: StopRequest, log: Log, close: () => Promise<void>): Promise<number> {
  log.info('stopping', { signal: await requested });
  try {
    await close();
    return 0;
  } catch (error) {
    log.error('the stop was not clean', { reason: (error as Error).message });
    return 1;
  }
}
