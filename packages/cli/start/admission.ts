import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Settings } from '@sluice/config';
import { admissionOf, type GatewayOptions, PriorityFileError } from '@sluice/gateway';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';

/** What of the settings bounds the calls in flight. Throws `UsageError` when the file of priorities cannot be used. */
export function admissionOptions(settings: Settings, home: Home): Pick<GatewayOptions, 'admission'> {
  const name = settings.get('transport.http.listener.priority_config_file');
  try {
    const admission = admissionOf({
      maxInFlight: settings.get('sluice.gateway.admission.max_in_flight'),
      maxQueue: settings.get('sluice.gateway.admission.max_queue'),
      queueTimeout: settings.get('sluice.gateway.admission.queue_timeout'),
      ...(name === undefined ? {} : { file: readFile(resolve(home.path, name)) }),
    });
    return admission ? { admission } : {};
  } catch (error) {
    if (error instanceof PriorityFileError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function readFile(place: string): { text: string; place: string } {
  try {
    return { text: readFileSync(place, 'utf8'), place };
  } catch (error) {
    throw new UsageError(
      `transport.http.listener.priority_config_file names ${place}, which cannot be read (${(error as NodeJS.ErrnoException).code}); correct the path, which is taken from the home, or leave the setting out`,
      { cause: error },
    );
  }
}
