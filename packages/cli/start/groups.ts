import type { Settings } from '@sluice/config';
import type { WorkerOptions } from '../workers/messages.ts';

/** Releases that read no boolean in `failOver`. */
const releasesBefore = new Set(['APIM_4.4.0', 'APIM_4.5.0']);

/** How groups of endpoints treat calls that fail, and sessions. */
export function groupOptions(settings: Settings): Pick<WorkerOptions, 'groups'> {
  const release = settings.get('preserve_previous_product_behaviour.version') ?? '';
  return {
    groups: {
      failoverSwitch: settings.get('apim.endpoint_config.loadbalanced.enable_failover') && !releasesBefore.has(release),
      retryShare: settings.get('sluice.gateway.retry_share'),
      retryFloor: settings.get('sluice.gateway.retry_floor'),
      sessionTimeout: settings.get('synapse_properties.synapse.sal.endpoints.sesssion.timeout.default'),
      mostSessions: settings.get('sluice.gateway.max_sessions'),
    },
  };
}
