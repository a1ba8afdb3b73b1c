import type { Settings } from '@sluice/config';
import { assertProxies } from '@sluice/gateway';
import type { Log } from '@sluice/model';
import { RedisPool } from '@sluice/throttle';
import { UsageError } from '../command.ts';
import type { MachineCountersOptions } from '../counters/machine.ts';
import type { Home } from '../home/home.ts';
import type { WorkerOptions } from '../workers/messages.ts';
import { gatewayName, redisPoolOptions } from './throttle-redis.ts';

/** How plans are applied to calls, in whichever process. Throws `UsageError` naming a setting that cannot be used. */
export function throttlingOptions(settings: Settings): Pick<WorkerOptions, 'throttling'> {
  return {
    throttling: {
      countResponseBytes: settings.get('sluice.throttle.count_response_bytes'),
      denyPolicies: settings.get('apim.throttling.enable_blacklist_condition'),
      conditions: conditionSwitches(settings),
      rateLimitHeaders: settings.get('sluice.throttle.rate_limit_headers'),
      trustedProxies: trustedProxies(settings),
      graphql: {
        maxBody: settings.get('sluice.graphql.max_body_size'),
        maxTokens: settings.get('sluice.graphql.max_tokens'),
      },
      patience: settings.get('sluice.throttle.wait'),
      // A last known share is one of a gateway; a process that has lost its main process has what it holds.
      fail: settings.get('sluice.throttle.fail') === 'open' ? 'open' : 'closed',
    },
  };
}

function trustedProxies(settings: Settings): readonly string[] {
  const proxies = settings.get('sluice.throttle.trusted_proxies');
  try {
    assertProxies(proxies);
  } catch (error) {
    throw new UsageError(`sluice.throttle.trusted_proxies: ${(error as Error).message}; correct it or leave it out`, {
      cause: error,
    });
  }
  return proxies;
}

/** Conditions of advanced plans that are asked: gateways ask them, and the REST APIs warn of those that nobody asks. */
export function conditionSwitches(settings: Settings) {
  return {
    headers: settings.get('apim.throttling.enable_header_based_throttling'),
    claims: settings.get('apim.throttling.enable_jwt_claim_based_throttling'),
    queryParameters: settings.get('apim.throttling.enable_query_param_based_throttling'),
  };
}

/** The counters of this machine: what becomes of them, and whether other gateways share them. Throws `UsageError` naming a setting that cannot be used. */
export function counterOptions(settings: Settings, home: Home, log: Log): MachineCountersOptions {
  const redis = redisPoolOptions(settings, home);
  return {
    home,
    log,
    keeps: settings.get('apim.throttling.enable_persistence'),
    tells: settings.get('sluice.throttle.near_limit_events'),
    ...(redis ? { openPool: (alone) => new RedisPool({ ...redis, home: gatewayName(home, alone), log }) } : {}),
  };
}
