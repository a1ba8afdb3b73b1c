import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveName } from './names.ts';
import { rowOf } from './table/index.ts';

const passthruListener = (scheme: 'http' | 'https') => (name: string) =>
  `transport.passthru_${scheme}.listener.parameters.${name}`;
const passthruSender = (scheme: 'http' | 'https') => (name: string) =>
  `transport.passthru_${scheme}.sender.parameters.${name}`;
const pool = ['maxActive', 'maxWait', 'testOnBorrow', 'validationQuery', 'validationInterval'];

/** Every parameter of the transport that WSO2's pages and files name, as a migrating user writes it. */
const pages: readonly { readonly page: string; readonly names: readonly string[] }[] = [
  {
    page: 'Troubleshooting 2.6.0',
    names: ['http.connection.timeout', 'http.socket.timeout', passthruSender('https')('HostnameVerifier')],
  },
  {
    page: 'Tuning Performance 1.9.0',
    names: [
      'system.parameter.entityExpansionLimit',
      'sluice.gateway.stuck_threshold',
      ...['snd_t_core', 'snd_t_max', 'snd_io_threads', 'snd_alive_sec', 'snd_qlen'],
      ...['lst_t_core', 'lst_t_max', 'lst_io_threads', 'lst_alive_sec', 'lst_qlen'],
      ...['http.socket.timeout.receiver', 'http.socket.timeout.sender'],
      ...['worker_thread_keepalive_sec', 'worker_pool_queue_length', 'io_threads_per_reactor'],
      ...['worker_pool_size_core', 'worker_pool_size_max', 'io_buffer_size'],
      ...['http.max.connection.per.host.port', 'http.socket.timeout', 'synapse.global_timeout_interval'],
      ...['transport.client.http.properties.SO_TIMEOUT', 'transport.client.http.properties.CONNECTION_TIMEOUT'],
      ...['transport.client.default_max_connection_per_host', 'transport.client.max_total_connections'],
      ...pool.map((name) => `database.apim_db.pool_options.${name}`),
    ],
  },
  {
    page: 'Working with Transports 3.1.0',
    names: [
      ...[
        'port',
        'non-blocking',
        'bind-address',
        'hostname',
        'WSDLEPRPrefix',
        'httpGetProcessor',
        'priorityConfigFile',
      ].flatMap((name) => [passthruListener('http')(name), passthruListener('https')(name)]),
      ...['non-blocking', 'warnOnHTTP500', 'http.proxyHost', 'http.proxyPort', 'http.nonProxyHosts'].flatMap((name) => [
        passthruSender('http')(name),
        passthruSender('https')(name),
      ]),
      'max_open_connections',
      'transport.sender.connection.idle.time',
      'transport.sender.connection.maximum.lifespan',
      'transport.sender.connection.grace.time',
    ],
  },
  {
    page: 'ESB timeout configurations',
    names: ['http.socket.timeout', 'synapse.global_timeout_interval'],
  },
  {
    page: 'Working with Endpoints 2.6.0',
    names: [
      'synapse.global_timeout_interval',
      'http.socket.timeout',
      passthruSender('https')('HostnameVerifier'),
      'apim.gateway.environment[0].http_endpoint',
      'apim.gateway.environment[0].https_endpoint',
    ],
  },
  {
    page: 'key-mappings.json',
    names: [
      ...['socket_timeout', 'core_worker_pool_size', 'max_worker_pool_size', 'worker_pool_queue_length'],
      ...['io_buffer_size', 'max_http_connection_per_host_port', 'preserve_http_user_agent'],
      ...['preserve_http_server_name', 'preserve_http_headers', 'max_message_size_bytes'],
      ...['listener.port', 'listener.secured_port', 'listener.bind_address', 'listener.secured_bind_address'],
      ...['listener.wsdl_epr_prefix', 'listener.secured_wsdl_epr_prefix', 'listener.verify_client'],
      ...['listener.ssl_profile.read_interval', 'sender.warn_on_http_500'],
      ...['sender.proxy_host', 'sender.proxy_port', 'sender.non_proxy_hosts'],
    ].map((name) => `transport.http.${name}`),
  },
  {
    page: 'axis2.xml, by its tables',
    names: [
      'transport.passthru_http.listener.bind-address',
      'transport.passthru_http.sender.warnOnHTTP500',
      ...['enable_client_caching', 'transfer_encoding', 'default_connections_per_host', 'so_timeout'].map(
        (name) => `transport.blocking_sender.${name}`,
      ),
      'transport.blocking_sender.omit_soap12_action',
      ...['SSLVerifyClient', 'HttpsProtocols', 'SSLProtocol', 'PreferredCiphers'].map(passthruListener('https')),
      ...['HostnameVerifier', 'novalidatecert', 'HttpsProtocols', 'PreferredCiphers'].map(passthruSender('https')),
      ...['target_hosts', 'proxy_host', 'proxy_port', 'proxy_username', 'proxy_password', 'bypass_hosts'].flatMap(
        (name) => [`transport.http.proxy_profile[0].${name}`, `transport.http.secured_proxy_profile[0].${name}`],
      ),
      ...['http', 'https'].flatMap((scheme) =>
        ['SO_TIMEOUT', 'CONNECTION_TIMEOUT'].map((name) => `transport.client.${scheme}.properties.${name}`),
      ),
    ],
  },
  {
    page: 'axis2.xml, TLS',
    names: [
      ...['listener', 'sender'].flatMap((side) =>
        ['keystore.location', 'keystore.type', 'keystore.password', 'keystore.key_password', 'keystore.alias'].map(
          (name) => `transport.passthru_https.${side}.${name}`,
        ),
      ),
      ...['listener', 'sender'].flatMap((side) =>
        [
          'truststore.location',
          'truststore.type',
          'truststore.password',
          'ssl_profile.file_path',
          'ssl_profile.interval',
        ].map((name) => `transport.passthru_https.${side}.${name}`),
      ),
      ...['enable', 'cache_size', 'cache_delay', 'full_chain_validation', 'expiry_validation'].map(
        (name) => `transport.passthru_https.listener.cert_revocation_validation.${name}`,
      ),
      'transport.passthru_https.listener.profile.bind_address',
      passthruSender('https')('customSSLProfiles.profile'),
    ],
  },
  {
    page: 'passthru-http.properties',
    names: [
      ...['worker_pool_size_core', 'worker_pool_size_max', 'worker_thread_keepalive_sec', 'worker_pool_queue_length'],
      ...['secondary_worker_pool_size_core', 'secondary_worker_pool_size_max'],
      ...['secondary_worker_thread_keepalive_sec', 'secondary_worker_pool_queue_length'],
      ...['io_threads_per_reactor', 'io_buffer_size', 'http.socket.timeout', 'http.connection.timeout'],
      ...['http.socket.buffer-size', 'http.tcp.nodelay', 'http.socket.linger', 'http.socket.reuseaddr'],
      ...['http.nio.interest-ops-queueing', 'http.nio.select-interval', 'http.connection.stalecheck'],
      ...['max_open_connections', 'http.max.connection.per.host.port', 'http.max.messages.per.host.port'],
      ...['http.connection.disable.keepalive', 'http.user.agent.preserve', 'http.server.preserve'],
      ...['http.headers.preserve', 'http.response.headers.preserve', 'http.origin-server', 'http.useragent'],
      ...['transport.sender.connection.idle.time', 'transport.sender.connection.grace.time'],
      ...['transport.sender.connection.maximum.lifespan', 'transport.listener.shutdown.wait.sec'],
      ...['consume_and_discard', 'consume_and_discard_by_secondary_pool', 'close_socket_on_endpoint_timeout'],
      ...['tls_graceful_connection_termination', 'http_listening_io_reactor_sharing_enable'],
      ...['correlation_header_name', 'expected_max_queueing_time'],
      ...['expected_max_queueing_time_for_message_discard_worker', 'http.block_service_list'],
      ...['ignore_case_sensitive_headers', 'force.xml.message.validation', 'force.json.message.validation'],
      ...['message.size.validation.enabled', 'valid.max.message.size.in.bytes'],
      ...['rest_uri_api_regex', 'rest_uri_proxy_regex', 'rest.dispatcher.service', 'passthru.default.service'],
      ...['allowed_response_properties', 'pass.through.transport.enableReplayTransaction'],
    ],
  },
  {
    page: 'catalina-server.xml, by its connectors',
    names: ['http', 'https'].flatMap((scheme) =>
      ['port', 'proxyPort', 'maxHttpHeaderSize'].map((name) => `transport.${scheme}.properties.${name}`),
    ),
  },
  {
    page: 'Sluice, beside them',
    names: [
      'transport.http.listener.enable',
      'transport.http.listener.secured_enable',
      'transport.http.listener.priority_config_file',
      'sluice.gateway.admission.max_in_flight',
      'sluice.gateway.admission.max_queue',
      'sluice.gateway.admission.queue_timeout',
    ],
  },
];

for (const { page, names } of pages) {
  test(`no parameter of "${page}" is unknown, or waits to be applied`, () => {
    const wrong: string[] = [];
    for (const name of names) {
      const key = resolveName(name)?.key;
      const effect = key === undefined ? undefined : rowOf(key)?.effect;
      if (key === undefined) wrong.push(`${name} is unknown`);
      else if (effect?.kind === 'later') wrong.push(`${name} waits for ${effect.capability}`);
      // A table that is handed on whole cannot be applied name by name.
      else if (effect?.kind === 'applied' && key.endsWith('*')) wrong.push(`${name} is lost in ${key}`);
      else if (effect?.kind === 'none') assert.ok(effect.reason.length > 10, name);
    }
    assert.deepEqual(wrong, []);
  });
}
