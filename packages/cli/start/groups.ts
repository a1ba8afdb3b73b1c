import type { Settings } from '@sluice/config';
import type { WorkerOptions } from '../workers/messages.ts';

/** How groups of endpoints treat calls that fail, and sessions. */
export function groupOptions(settings: Settings): Pick<WorkerOptions, 'groups'> {
  return {
    groups: {
      retryShare: settings.get('sluice.gateway.retry_share'),
      retryFloor: settings.get('sluice.gateway.retry_floor'),
      sessionTimeout: settings.get('synapse_properties.synapse.sal.endpoints.sesssion.timeout.default'),
      mostSessions: settings.get('sluice.gateway.max_sessions'),
    },
  };
}
