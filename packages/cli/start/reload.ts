import type { Settings } from '@sluice/config';
import type { Log } from '@sluice/model';

/** From now on SIGHUP reads the settings and certificates anew. What cannot be used is reported, and what was in force stays. Returns the way to stop that. */
export function reloadOnHangup(
  log: Log,
  read: () => Settings,
  reload: (settings: Settings) => Promise<void>,
): () => void {
  const onHangup = async (): Promise<void> => {
    const began = performance.now();
    try {
      await reload(read());
      log.info('reloaded', { millis: Math.round(performance.now() - began) });
    } catch (error) {
      log.error('the reload failed; what was in force stays', { reason: (error as Error).message });
    }
  };
  process.on('SIGHUP', onHangup);
  return () => process.off('SIGHUP', onHangup);
}
