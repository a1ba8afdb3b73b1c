import type { Settings } from '@sluice/config';
import type { FetchProxyOptions } from '@sluice/control-plane';

/** `[apim.proxy_config]`; undefined when it is not switched on. */
export function fetchProxy(settings: Settings): FetchProxyOptions | undefined {
  if (!settings.get('apim.proxy_config.enable')) return undefined;
  const username = settings.get('apim.proxy_config.username');
  return {
    host: settings.get('apim.proxy_config.host'),
    port: settings.get('apim.proxy_config.port'),
    protocol: settings.get('apim.proxy_config.protocol'),
    ...(username === '' ? {} : { username, password: settings.get('apim.proxy_config.password') }),
    targets: settings.get('apim.proxy_config.targetProxyHosts'),
    bypass: settings.get('apim.proxy_config.nonProxyHosts'),
  };
}
