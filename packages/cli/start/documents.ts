import type { Settings } from '@sluice/config';
import type { GatewayOptions } from '@sluice/gateway';
import { version } from '../version.ts';
import { publicUrl } from './options.ts';

/** What of the settings concerns the definitions and the list of services that the gateway shows. */
export function documentOptions(settings: Settings): Pick<GatewayOptions, 'documents'> {
  if (settings.get('transport.http.listener.http_get_processor')?.toLowerCase() === 'none') return {};
  const httpPrefix = settings.get('transport.http.listener.wsdl_epr_prefix');
  const httpsPrefix = settings.get('transport.http.listener.secured_wsdl_epr_prefix');
  return {
    documents: {
      version,
      hostname: settings.get('transport.http.listener.hostname') ?? settings.get('server.hostname'),
      ...(httpPrefix === undefined ? {} : { httpPrefix }),
      ...(httpsPrefix === undefined ? {} : { httpsPrefix }),
      authorizationUrl: `${publicUrl(settings)}/oauth2/authorize`,
      listBlocked: settings.get('passthru_http.http.block_service_list'),
    },
  };
}
