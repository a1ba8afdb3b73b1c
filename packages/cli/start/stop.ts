import type { Log } from '@sluice/model';

/** Resolves with the exit code after SIGTERM or SIGINT and an orderly `close`; a second signal does not wait. */
export function untilStopped(log: Log, close: () => Promise<void>): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(130);
      stopping = true;
      log.info('stopping', { signal });
      close().then(
        () => resolve(0),
        (error: unknown) => {
          log.error('the stop was not clean', { reason: (error as Error).message });
          resolve(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
