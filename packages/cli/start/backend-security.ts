import type { Settings } from '@sluice/config';
import { knownEndpointKey } from '../home/endpoint-key.ts';
import type { Home } from '../home/home.ts';
import type { WorkerOptions } from '../workers/messages.ts';

/** How the gateway proves itself to backends. */
export function backendSecurityOptions(settings: Settings, home: Home): Pick<WorkerOptions, 'backendSecurity'> {
  const key = knownEndpointKey(settings, home);
  return {
    backendSecurity: {
      ...(key === undefined ? {} : { key: key.toString('base64') }),
      keepsBody: settings.get('sluice.gateway.max_repeated_body'),
      repeatsWithNewToken: settings.get('apim.mediator_config.oauth.enable_retry_call_with_new_token'),
      tokenTimeouts: {
        connect: settings.get('apim.mediator_config.oauth.connection_timeout_duration'),
        answer: settings.get('apim.mediator_config.oauth.socket_timeout_duration'),
        wait: settings.get('apim.mediator_config.oauth.connection_request_timeout_duration'),
      },
    },
  };
}
