import type { Settings } from '@sluice/config';
import type { MachineCountersOptions } from '../counters/machine.ts';
import type { WorkerOptions } from '../workers/messages.ts';

/** How plans are applied to calls, in whichever process. */
export function throttlingOptions(settings: Settings): Pick<WorkerOptions, 'throttling'> {
  return {
    throttling: {
      countResponseBytes: settings.get('sluice.throttle.count_response_bytes'),
      denyPolicies: settings.get('apim.throttling.enable_blacklist_condition'),
      conditions: {
        headers: settings.get('apim.throttling.enable_header_based_throttling'),
        claims: settings.get('apim.throttling.enable_jwt_claim_based_throttling'),
        queryParameters: settings.get('apim.throttling.enable_query_param_based_throttling'),
      },
      rateLimitHeaders: settings.get('sluice.throttle.rate_limit_headers'),
      trustedProxies: settings.get('sluice.throttle.trusted_proxies'),
      patience: settings.get('sluice.throttle.wait'),
      // A last known share is one of a gateway; a process that has lost its main process has what it holds.
      fail: settings.get('sluice.throttle.fail') === 'open' ? 'open' : 'closed',
    },
  };
}

/** What becomes of the counters of this machine. */
export function counterOptions(settings: Settings): Pick<MachineCountersOptions, 'keeps' | 'tells'> {
  return {
    keeps: settings.get('apim.throttling.enable_persistence'),
    tells: settings.get('sluice.throttle.near_limit_events'),
  };
}
