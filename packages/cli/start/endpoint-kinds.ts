import type { Settings } from '@sluice/config';
import { assertHosts } from '@sluice/gateway';
import { UsageError } from '../command.ts';
import type { WorkerOptions } from '../workers/messages.ts';

/** What single kinds of endpoints may do. Throws `UsageError` for a host that cannot be read. */
export function endpointKindOptions(settings: Settings): Pick<WorkerOptions, 'dynamicHosts' | 'maxRecipientBody'> {
  const dynamicHosts = settings.get('sluice.gateway.dynamic_hosts');
  try {
    assertHosts(dynamicHosts);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new UsageError(`sluice.gateway.dynamic_hosts: ${reason}; correct it or leave it out`, { cause });
  }
  return { dynamicHosts, maxRecipientBody: settings.get('sluice.gateway.max_recipient_body') };
}
