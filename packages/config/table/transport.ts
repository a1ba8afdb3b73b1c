import { choice, duration, flag, integer, list, none, open, port, secret, size, text } from '../setting.ts';
import { hostName, httpUrl, listenAddress } from './forms.ts';
import { tlsSettings } from './tls.ts';

const listener = (scheme: 'http' | 'https', name: string) => [
  `transport.passthru_${scheme}.listener.parameters.${name}`,
  `transport.passthru_${scheme}.listener.${name}`,
];
const both = (name: string) => [
  `transport.passthru_http.sender.parameters.${name}`,
  `transport.passthru_https.sender.parameters.${name}`,
  `transport.passthru_http.sender.${name}`,
  `transport.passthru_https.sender.${name}`,
];

/** `[transport.*]`: listeners and senders of the gateway, and what WSO2 sets for its other transports. */
export const transportSettings = {
  'transport.http.listener.port': port(8280, 'HTTP port of the gateway, before `server.offset`.', {
    aliases: listener('http', 'port'),
    formerly: ['axis2.xml transportReceiver port'],
  }),
  'transport.http.listener.secured_port': port(8243, 'HTTPS port of the gateway, before `server.offset`.', {
    aliases: listener('https', 'port'),
    formerly: ['axis2.xml transportReceiver port'],
  }),
  'transport.http.listener.bind_address': text('0.0.0.0', 'Address on which the HTTP port of the gateway listens.', {
    form: listenAddress,
    aliases: listener('http', 'bind-address'),
  }),
  'transport.http.listener.secured_bind_address': text(
    '0.0.0.0',
    'Address on which the HTTPS port of the gateway listens.',
    {
      form: listenAddress,
      aliases: listener('https', 'bind-address'),
    },
  ),
  'transport.http.listener.enable': flag(true, 'Opens the HTTP port of the gateway.', {
    aliases: listener('http', 'enable'),
  }),
  'transport.http.listener.secured_enable': flag(true, 'Opens the HTTPS port of the gateway.', {
    aliases: listener('https', 'enable'),
  }),
  'transport.http.listener.hostname': text(undefined, 'Name of the gateway in the definitions that it shows.', {
    form: hostName,
    aliases: [...listener('http', 'hostname'), ...listener('https', 'hostname')],
    defaultNote: '`server.hostname`',
  }),
  'transport.http.listener.wsdl_epr_prefix': text(
    undefined,
    'What stands before base paths in definitions instead of scheme, host name and port of the HTTP listener: scheme://host:port/.',
    { form: httpUrl, aliases: listener('http', 'WSDLEPRPrefix') },
  ),
  'transport.http.listener.secured_wsdl_epr_prefix': text(undefined, 'The same for the HTTPS listener.', {
    form: httpUrl,
    aliases: listener('https', 'WSDLEPRPrefix'),
  }),
  'transport.http.listener.http_get_processor': text(
    undefined,
    'Who answers `?wsdl`, `?swagger.json` and `/services`. Any value but `none` means the built-in one; `none` leaves all paths to the APIs.',
    { aliases: [...listener('http', 'httpGetProcessor'), ...listener('https', 'httpGetProcessor')] },
  ),
  'transport.http.listener.priority_config_file': text(
    undefined,
    'File with the bound of calls in flight, their queues and priorities, as the priority executor of Synapse has it; relative to the home.',
    {
      aliases: [...listener('http', 'priorityConfigFile'), ...listener('https', 'priorityConfigFile')],
      formerly: ['axis2.xml priorityConfigFile'],
    },
  ),
  ...tlsSettings,
  'transport.http.sender.proxy_host': text(
    undefined,
    'HTTP proxy between the gateway and the backends, for all that no profile is for.',
    {
      form: hostName,
      aliases: [...both('http.proxyHost'), 'http.proxyHost'],
    },
  ),
  'transport.http.sender.proxy_port': port(80, 'Port of that proxy.', {
    aliases: [...both('http.proxyPort'), 'http.proxyPort'],
  }),
  'transport.http.sender.non_proxy_hosts': list(
    [],
    'Hosts that are reached without the proxy: names, with `*` for anything, or regular expressions.',
    {
      separator: '|',
      aliases: [...both('http.nonProxyHosts'), 'http.nonProxyHosts'],
    },
  ),
  'transport.http.proxy_profile[].target_hosts': list(
    [],
    'Plain backends that are called through the proxy of this profile: names, regular expressions, or `*` for all that no other profile names.',
  ),
  'transport.http.proxy_profile[].proxy_host': text(undefined, 'The proxy.', { form: hostName }),
  'transport.http.proxy_profile[].proxy_port': port(80, 'Its port.'),
  'transport.http.proxy_profile[].proxy_username': text(undefined, 'User name for the proxy.'),
  'transport.http.proxy_profile[].proxy_password': secret(undefined, 'Password for the proxy.'),
  'transport.http.proxy_profile[].bypass_hosts': list([], 'Of them, those that are called directly.'),
  'transport.http.secured_proxy_profile[].target_hosts': list(
    [],
    'The same for backends with TLS, through tunnels (CONNECT).',
  ),
  'transport.http.secured_proxy_profile[].proxy_host': text(undefined, 'The proxy.', { form: hostName }),
  'transport.http.secured_proxy_profile[].proxy_port': port(80, 'Its port.'),
  'transport.http.secured_proxy_profile[].proxy_username': text(undefined, 'User name for the proxy.'),
  'transport.http.secured_proxy_profile[].proxy_password': secret(undefined, 'Password for the proxy.'),
  'transport.http.secured_proxy_profile[].bypass_hosts': list([], 'Of them, those that are called directly.'),
  'apim.proxy_config.enable': flag(
    false,
    'Sends what the control plane itself fetches, which is definitions that are imported by URL, through a proxy.',
  ),
  'apim.proxy_config.host': text('', 'That proxy.'),
  'apim.proxy_config.port': port(80, 'Its port.', {
    derive: (read) => (read('apim.proxy_config.protocol') === 'https' ? 443 : 80),
    defaultNote: '80, or 443 for `https`',
  }),
  'apim.proxy_config.username': text('', 'User name for it.'),
  'apim.proxy_config.password': secret('', 'Password for it.'),
  'apim.proxy_config.protocol': choice(['http', 'https'], 'http', 'How to speak to it.'),
  'apim.proxy_config.nonProxyHosts': list(
    [],
    'Hosts reached without it: names, with `*` for anything, or regular expressions.',
    {
      separator: '|',
      aliases: ['apim.proxy_config.non_proxy_hosts'],
    },
  ),
  'apim.proxy_config.targetProxyHosts': list([], 'Hosts reached through it; empty means all.', {
    separator: '|',
    aliases: ['apim.proxy_config.target_proxy_hosts'],
  }),
  'transport.http.sender.warn_on_http_500': list(
    [],
    'Content types for which a 500 of a backend is worth a warning; `none` is an answer without a type.',
    {
      separator: '|',
      aliases: both('warnOnHTTP500'),
    },
  ),
  'transport.https.properties.maxHttpHeaderSize': size(
    'bytes',
    32_768,
    'Largest request head of the portals and REST APIs; above it 431.',
    { range: [1024, 1_048_576] },
  ),
  'transport.http.properties.maxHttpHeaderSize': size('bytes', 32_768, 'The same on the HTTP port.', {
    range: [1024, 1_048_576],
  }),
  'transport.https.properties.proxyPort': port(
    undefined,
    'Port that a load balancer in front of the portals shows to clients; it goes into links and into the issuer of tokens.',
    { defaultNote: 'the port itself' },
  ),
  ...none('links lead to the HTTPS port', {
    'transport.http.properties.proxyPort': port(undefined, 'Port that a load balancer shows to clients for HTTP.'),
  }),
  ...none('the HTTP stack of Sluice is asynchronous throughout', {
    'transport.passthru_http.listener.parameters.non-blocking': flag(true, 'Non-blocking HTTP listener.', {
      aliases: ['transport.passthru_http.listener.non-blocking'],
    }),
    'transport.passthru_https.listener.parameters.non-blocking': flag(true, 'Non-blocking HTTPS listener.', {
      aliases: ['transport.passthru_https.listener.non-blocking'],
    }),
    'transport.passthru_http.sender.parameters.non-blocking': flag(true, 'Non-blocking HTTP sender.', {
      aliases: ['transport.passthru_http.sender.non-blocking'],
    }),
    'transport.passthru_https.sender.parameters.non-blocking': flag(true, 'Non-blocking HTTPS sender.', {
      aliases: ['transport.passthru_https.sender.non-blocking'],
    }),
    'transport.passthru_http.sender.enable': flag(true, 'HTTP sender.'),
    'transport.passthru_https.sender.enable': flag(true, 'HTTPS sender.'),
    'transport.passthru_https.listener.parameters.SSLProtocol': text('TLS', 'Name of the JSSE protocol.'),
    'transport.http.enable': flag(true, 'The transport as a whole.'),
    'transport.https.*': open('Further members of the Tomcat HTTPS connector, threads among them.', {
      formerly: ['catalina-server.xml Connector'],
    }),
    'transport.http.properties.*': open('Further members of the Tomcat HTTP connector, threads among them.', {
      formerly: ['catalina-server.xml Connector'],
    }),
    'transport.http.sslHostConfig.*': open('TLS of the Tomcat connector.'),
  }),
  ...none('policies call out through the one sender of the gateway, which never blocks', {
    'transport.blocking_sender.enable_client_caching': flag(true, 'Keeps the client of blocking calls.'),
    'transport.blocking_sender.transfer_encoding': text('chunked', 'Framing of blocking calls.'),
    'transport.blocking_sender.default_connections_per_host': integer(
      200,
      'Most connections of blocking calls to one host.',
    ),
    'transport.blocking_sender.omit_soap12_action': flag(false, 'Leaves the action of SOAP 1.2 out.'),
    'transport.blocking_sender.so_timeout': duration('ms', undefined, 'Longest silence of a blocking call.'),
    'transport.blocking_http.*': open('Parameters of blocking HTTP calls.'),
    'transport.blocking_https.*': open('Parameters of blocking HTTPS calls.'),
  }),
  ...none('the gateway proves tokens by itself and keeps subscriptions in memory, so it calls no key manager', {
    'transport.client.default_max_connection_per_host': integer(
      500,
      'Most connections of the Axis2 client to one host.',
      {
        formerly: ['axis2_client.xml defaultMaxConnPerHost'],
      },
    ),
    'transport.client.max_total_connections': integer(15_000, 'Most connections of the Axis2 client.', {
      formerly: ['axis2_client.xml maxTotalConnections'],
    }),
    'transport.client.http.properties.SO_TIMEOUT': duration('ms', 60_000, 'Longest silence.', {
      formerly: ['axis2_client.xml SO_TIMEOUT'],
    }),
    'transport.client.http.properties.CONNECTION_TIMEOUT': duration('ms', 60_000, 'Longest wait for a connection.', {
      formerly: ['axis2_client.xml CONNECTION_TIMEOUT'],
    }),
    'transport.client.https.properties.SO_TIMEOUT': duration('ms', 60_000, 'The same over TLS.', {
      formerly: ['axis2_client.xml SO_TIMEOUT'],
    }),
    'transport.client.https.properties.CONNECTION_TIMEOUT': duration('ms', 60_000, 'The same over TLS.', {
      formerly: ['axis2_client.xml CONNECTION_TIMEOUT'],
    }),
    'transport.client.*': open('Further members of the Axis2 client.', { formerly: ['axis2_client.xml'] }),
    'apim.http_client.max_total': integer(100, 'Most connections of the token checking client.'),
    'apim.http_client.default_max_per_route': integer(50, 'Most of them to one host.'),
    'apim.http_client.connection_timeout': duration('ms', -1, 'Longest wait for a connection.', {
      range: [-1, 2_147_483_647],
      special: { value: -1, means: 'no limit' },
    }),
    'apim.http_client.connection_request_timeout': duration('ms', -1, 'Longest wait for a free connection.', {
      range: [-1, 2_147_483_647],
      special: { value: -1, means: 'no limit' },
    }),
  }),
  ...none('gateways decide on quotas themselves; no events travel to a traffic manager', {
    'transport.receiver.*': open('Receiver of throttling and statistics events (ports 9611 and 9711).'),
    'transport.thrift.*': open('Thrift receiver of events.'),
    'transport.binary.*': open('Binary receiver of events.'),
  }),
  ...none('web sockets pass through the ports of the gateway', {
    'transport.ws.*': open('Web socket sender of Synapse.'),
    'transport.wss.*': open('Secure web socket sender of Synapse.'),
    'transport.netty.*': open('Netty senders of Synapse.'),
    'transport.jms.*': open('JMS transport of Synapse.'),
    'transport.mail.*': open('Mail transport of Synapse.'),
    'transport.vfs.*': open('File transport of Synapse.'),
    'transport.local.*': open('In-memory transport of Synapse.'),
  }),
};
