import type { Settings } from '@sluice/config';
import type { WorkerOptions } from '../workers/messages.ts';

/** When endpoints are given a rest, as far as the gateway says it for all of them. */
export function suspensionOptions(settings: Settings): Pick<WorkerOptions, 'suspension'> {
  const duration = settings.get('synapse_properties.synapse.global_endpoint_suspend_duration');
  const bound = (faults: number, rest: number) => (faults < 1 ? undefined : { faults, duration: rest });
  const alone = bound(
    settings.get('synapse_properties.maximum.failover.retries'),
    settings.get('synapse_properties.suspend.duration.on.maximum.failover'),
  );
  const member = bound(
    settings.get('synapse_properties.maximum.failover.recursive.retries'),
    settings.get('synapse_properties.suspend.duration.on.maximum.recursive.failover'),
  );
  return {
    suspension: {
      ...(duration < 0 ? {} : { duration }),
      factor: settings.get('synapse_properties.synapse.global_endpoint_suspend_progression_factor'),
      overrides: settings.get('synapse_properties.synapse.override_endpoint_suspend_config_with_global_values'),
      ...(alone === undefined ? {} : { alone }),
      ...(member === undefined ? {} : { member }),
    },
  };
}
