import type { ReadSetting } from '../setting.ts';
import { choice, duration, flag, integer, later, list, none, open, secret, text } from '../setting.ts';
import { anyUrl, headerName, httpUrl } from './forms.ts';

const address = (scheme: string, port: string) => (read: ReadSetting) => {
  const hostname = String(read('server.hostname'));
  return `${scheme}://${hostname.includes(':') ? `[${hostname}]` : hostname}:${Number(read(port)) + Number(read('server.offset'))}`;
};
const fromPort = (what: string) => `\`server.hostname\` and ${what} of the gateway`;

/** `[[apim.gateway.environment]]` and what concerns gateways: their feed, CORS, backend tokens, caches. */
export const gatewaySettings = {
  'apim.gateway.environment[].name': text(
    'Default',
    'Name of a gateway environment: the place where revisions are deployed. It cannot be changed later.',
    {
      formerly: ['api-manager.xml Environment/Name'],
    },
  ),
  'apim.gateway.environment[].type': choice(
    ['hybrid', 'production', 'sandbox'],
    'hybrid',
    'Which keys this environment serves.',
    {
      formerly: ['api-manager.xml Environment@type'],
    },
  ),
  'apim.gateway.environment[].display_name': text(undefined, 'Name shown to people.', { defaultNote: 'the name' }),
  'apim.gateway.environment[].description': text('', 'What the environment is for.', {
    formerly: ['api-manager.xml Environment/Description'],
  }),
  'apim.gateway.environment[].http_endpoint': text(undefined, 'HTTP address that clients of this environment use.', {
    form: httpUrl,
    derive: address('http', 'transport.http.listener.port'),
    defaultNote: fromPort('the HTTP port'),
    formerly: ['api-manager.xml Environment/GatewayEndpoint'],
  }),
  'apim.gateway.environment[].https_endpoint': text(undefined, 'HTTPS address that clients of this environment use.', {
    form: httpUrl,
    derive: address('https', 'transport.http.listener.secured_port'),
    defaultNote: fromPort('the HTTPS port'),
    formerly: ['api-manager.xml Environment/GatewayEndpoint'],
  }),
  'apim.gateway.environment[].ws_endpoint': text(
    undefined,
    'Web socket address that clients of this environment use. In Sluice web sockets share the HTTP port.',
    {
      form: anyUrl,
      derive: address('ws', 'transport.http.listener.port'),
      defaultNote: fromPort('the HTTP port'),
      formerly: ['api-manager.xml Environment/GatewayWSEndpoint'],
    },
  ),
  'apim.gateway.environment[].wss_endpoint': text(undefined, 'The same over TLS.', {
    form: anyUrl,
    derive: address('wss', 'transport.http.listener.secured_port'),
    defaultNote: fromPort('the HTTPS port'),
    formerly: ['api-manager.xml Environment/GatewayWSEndpoint'],
  }),
  'apim.event_hub.service_url': text(
    undefined,
    'Address of the control plane whose changes a gateway on its own follows.',
    {
      form: httpUrl,
      derive: (read) =>
        `https://${read('server.hostname')}:${Number(read('transport.https.properties.port')) + Number(read('server.offset'))}/services/`,
      defaultNote: '`server.hostname` and the HTTPS port of the portals',
    },
  ),
  'apim.event_hub.username': text(undefined, 'User with which the gateway signs in there.', {
    derive: (read) => String(read('super_admin.username')),
    defaultNote: '`super_admin.username`',
  }),
  'apim.event_hub.password': secret(undefined, 'Password of that user.', {
    derive: (read) => String(read('super_admin.password')),
    defaultNote: '`super_admin.password`',
  }),
  'apim.oauth_config.enable_outbound_auth_header': flag(false, 'Hands the token of the client on to the backend.', {
    formerly: ['api-manager.xml OAuthConfigurations/RemoveOAuthHeadersFromOutMessage'],
  }),
  'apim.cors.enable': flag(
    true,
    'Answers preflight requests and adds CORS headers for APIs that have no rules of their own.',
    {
      formerly: ['api-manager.xml CORSConfiguration/Enabled'],
    },
  ),
  'apim.cors.allow_origins': list(['*'], 'Origins that may call; `*` inside one stands for any characters.', {
    formerly: ['api-manager.xml CORSConfiguration/Access-Control-Allow-Origin'],
  }),
  'apim.cors.allow_methods': list(['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'], 'Methods that may be used.', {
    formerly: ['api-manager.xml CORSConfiguration/Access-Control-Allow-Methods'],
  }),
  'apim.cors.allow_headers': list(
    ['authorization', 'Access-Control-Allow-Origin', 'Content-Type', 'SOAPAction', 'apikey', 'Internal-Key'],
    'Request headers that may be sent; `*` allows whatever the browser asks for.',
    { formerly: ['api-manager.xml CORSConfiguration/Access-Control-Allow-Headers'] },
  ),
  'apim.cors.allow_credentials': flag(
    false,
    'Lets browsers send cookies and the like. Never together with the origin `*`.',
    {
      formerly: ['api-manager.xml CORSConfiguration/Access-Control-Allow-Credentials'],
    },
  ),
  'apim.cors.expose_headers': list([], 'Response headers that scripts may read.'),
  ...later('gateways that serve another environment than the first', {
    'apim.sync_runtime_artifacts.gateway.gateway_labels': list(['Default'], 'Environments that a gateway serves.'),
  }),
  ...later('a token header for all APIs', {
    'apim.oauth_config.auth_header': text(
      'Authorization',
      'Header that carries the token where an API does not name another.',
      {
        form: headerName,
        formerly: ['api-manager.xml OAuthConfigurations/AuthorizationHeader'],
      },
    ),
  }),
  'apim.cors.enable_validation_for_ws': flag(
    false,
    'Opens web sockets only for pages of the origins that the CORS rules of the API allow; any other gets 403.',
  ),
  ...later('gateway environments in the portals', {
    'apim.gateway.environment[].display_in_api_console': flag(true, 'Offers the environment in the try-out console.', {
      formerly: ['api-manager.xml Environment@api-console'],
    }),
    'apim.gateway.environment[].show_as_token_endpoint_url': flag(
      true,
      'Shows the token address of this environment.',
      {
        formerly: ['api-manager.xml Environment@isDefault'],
      },
    ),
    'apim.gateway.environment[].gateway_type': text('Regular', 'Kind of gateway; Sluice serves `Regular`.'),
    'apim.gateway.environment[].provider': text('wso2', 'Maker of the gateway.'),
    'apim.gateway.environment[].mode': choice(
      ['READ_WRITE', 'READ_ONLY', 'WRITE_ONLY'],
      'READ_WRITE',
      'Direction of discovery on foreign gateways.',
    ),
    'apim.gateway.environment[].visibility': list([], 'Roles that see the environment.'),
    'apim.gateway.environment[].properties.*': open('Free properties of the environment.'),
    'apim.gateway.environment[].virtual_host[].*': open('Further addresses of the environment.'),
    'apim.gateway_type': list(['Regular'], 'Kinds of gateway offered to creators of APIs.', {
      formerly: ['api-manager.xml GatewayType'],
    }),
    'apim.platform_gateway.*': open('Gateways of the platform kind.'),
  }),
  ...none('gateways follow the feed of the control plane and offer no admin services', {
    'apim.gateway.environment[].service_url': text(undefined, 'Admin service address of the gateway.', {
      formerly: ['api-manager.xml Environment/ServerURL'],
    }),
    'apim.gateway.environment[].username': text(undefined, 'User of that service.', {
      formerly: ['api-manager.xml Environment/Username'],
    }),
    'apim.gateway.environment[].password': secret(undefined, 'Password of that user.', {
      formerly: ['api-manager.xml Environment/Password'],
    }),
    'apim.gateway.environment[].gateway_id': text(undefined, 'Identity of the gateway.'),
    'apim.gateway_notification.*': open('Heartbeats and acknowledgements of gateways.'),
    'apim.event_hub.enable': flag(true, 'Follows the event hub.'),
    'apim.event_hub.init_delay': duration('ms', 1000, 'Wait before the first connection.'),
    'apim.event_hub.event_listening_endpoints': list([], 'AMQP addresses of the event hub.'),
    'apim.event_hub.event_type': text('Binary', 'Protocol of event publishing.'),
    'apim.event_hub.*': open('JMS and publishing of the event hub.'),
    'apim.event_hub.publish.url_group[].*': open('Receivers of events.'),
    'apim.sync_runtime_artifacts.gateway.enable': flag(true, 'Loads APIs from the database.'),
    'apim.sync_runtime_artifacts.gateway.artifact_retriever': text('DBRetriever', 'Class that loads them.'),
    'apim.sync_runtime_artifacts.gateway.deployment_retry_duration': duration(
      'ms',
      15_000,
      'Pause before another attempt.',
    ),
    'apim.sync_runtime_artifacts.gateway.data_retrieval_mode': choice(
      ['async', 'sync'],
      'async',
      'Whether the start waits for them.',
    ),
    'apim.sync_runtime_artifacts.gateway.event_waiting_time': duration('ms', 5000, 'Wait after an event.'),
    'apim.sync_runtime_artifacts.gateway.enable_on_demand_loading': flag(false, 'Loads APIs at their first call.'),
    'apim.sync_runtime_artifacts.*': open('Further switches of that loading.'),
    'apim.synapse_artifact_generator.*': open('Threads that write Synapse files.'),
    'apim.datasource_sync_runtime_artifacts.*': open('Data source of that loading.'),
  }),
  ...later('backend tokens', {
    'apim.jwt.enable': flag(false, 'Sends the backend a signed token about the caller.', {
      formerly: ['api-manager.xml JWTConfiguration/EnableJWTGeneration'],
    }),
    'apim.jwt.header': text('X-JWT-Assertion', 'Header that carries it.', {
      form: headerName,
      formerly: ['api-manager.xml JWTConfiguration/JWTHeader'],
    }),
    'apim.jwt.claim_dialect': text('http://wso2.org/claims', 'Prefix of its claims.', {
      formerly: ['api-manager.xml JWTConfiguration/ConsumerDialectURI'],
    }),
    'apim.jwt.convert_dialect': flag(false, 'Renames the claims of the user to that dialect.'),
    'apim.jwt.signing_algorithm': text('SHA256withRSA', 'Signature: SHA256withRSA or NONE.', {
      formerly: ['api-manager.xml JWTConfiguration/SignatureAlgorithm'],
    }),
    'apim.jwt.encoding': choice(['base64', 'base64url'], 'base64', 'How its parts are written.'),
    'apim.jwt.enable_user_claims': flag(false, 'Adds the claims of the user.'),
    'apim.jwt.use_kid_property': flag(true, 'Names the signing key in the head of the token.'),
    'apim.jwt.use_sha256_hash': flag(false, 'Names the certificate by its SHA-256 hash.'),
    'apim.jwt.expiry_time': duration('s', 900, 'Lifetime of the token.'),
    'apim.jwt.encode_x5t_without_padding': flag(false, 'Writes that hash without padding.'),
    'apim.jwt.enable_tenant_based_signing': flag(false, 'Signs with the key of the tenant.'),
    'apim.jwt.enable_jwks_api': flag(true, 'Publishes the key that signs it.'),
    'apim.jwt.gateway_generator.excluded_claims': list([], 'Claims left out.'),
    'apim.jwt.gateway_generator.enable_claim_retrieval': flag(false, 'Asks the key manager for claims.'),
    'apim.jwt.issuer[].*': open('Further issuers whose tokens are taken.'),
  }),
  ...none('Java classes cannot be loaded', {
    'apim.jwt.generator_impl': text(undefined, 'Class that makes the backend token.'),
    'apim.jwt.claims_extractor_impl': text(undefined, 'Class that looks claims up.'),
    'apim.jwt.gateway_generator.impl': text(undefined, 'Class that makes the backend token in the gateway.'),
  }),
  ...none(
    'caches are bounded by entry count and kept right by the change feed; nothing is served from them after it was withdrawn',
    {
      'apim.cache.gateway_token.enable': flag(true, 'Cache of proven tokens.'),
      'apim.cache.gateway_token.expiry_time': duration('s', 900, 'Lifetime of its entries.', {
        aliases: ['apim.cache.token_expiry_time'],
      }),
      'apim.cache.resource.enable': flag(true, 'Cache of resources.'),
      'apim.cache.resource.expiry_time': duration('s', 900, 'Lifetime of its entries.'),
      'apim.cache.km_token.enable': flag(false, 'Cache of the key manager.'),
      'apim.cache.km_token.expiry_time': duration('s', 900, 'Lifetime of its entries.'),
      'apim.cache.recent_apis.enable': flag(false, 'Cache of recent APIs.'),
      'apim.cache.scopes.enable': flag(true, 'Cache of scopes.'),
      'apim.cache.publisher_roles.enable': flag(true, 'Cache of roles.'),
      'apim.cache.jwt_claim.enable': flag(true, 'Cache of claims.'),
      'apim.cache.jwt_claim.expiry_time': duration('s', 900, 'Lifetime of its entries.'),
      'apim.cache.tags.expiry_time': duration('s', 120, 'Lifetime of the tag cache.'),
      'apim.cache.restapi_token.enable': flag(true, 'Cache of tokens of the REST APIs.'),
      'apim.cache.restapi_token.expiry_time': duration('s', 300, 'Lifetime of its entries.'),
      'apim.cache.restapi_cache_control_headers.enable': flag(true, 'Cache headers of the REST APIs.'),
      'apim.cache.restapi_cache_control_headers.max_age': duration('s', 86_400, 'Age that they allow.'),
      'apim.cache_invalidation.*': open('Messages between caches of several servers.'),
      'apim.cache.invalidation.*': open('Stream of those messages.'),
      'cache.*': open('Carbon caches.'),
    },
  ),
  'apim.endpoint_config.loadbalanced.enable_failover': flag(
    true,
    'Lets a load-balanced endpoint say by `"failOver": false` that it tries no other member; otherwise only the text `"False"` says so.',
  ),
  'preserve_previous_product_behaviour.version': text(
    undefined,
    'Release whose reading of `failOver` is kept: APIM_4.4.0 and APIM_4.5.0 leave out `enable_failover`.',
  ),
  'apim.mediator_config.oauth.enable_retry_call_with_new_token': flag(
    true,
    'Repeats a call once with a new token when the backend answers 401.',
  ),
  'apim.mediator_config.oauth.connection_timeout_duration': duration(
    'ms',
    15_000,
    'Longest wait for a connection to the token endpoint of a backend.',
    { range: [1, 600_000] },
  ),
  'apim.mediator_config.oauth.connection_request_timeout_duration': duration(
    'ms',
    15_000,
    'Longest wait of a call for a token that is being fetched. In WSO2, for a free connection to the token endpoint.',
    { range: [1, 600_000] },
  ),
  'apim.mediator_config.oauth.socket_timeout_duration': duration(
    'ms',
    15_000,
    'Longest time from the connection to the whole answer of the token endpoint. In WSO2, its longest silence.',
    { range: [1, 600_000] },
  ),
  ...later('AWS Lambda endpoints', {
    'apim.aws_lambda.http_client.max_connections': integer(100, 'Most connections to AWS.'),
    'apim.aws_lambda.http_client.connection_timeout': duration('s', 2, 'Longest wait for one.'),
    'apim.aws_lambda.http_client.socket_timeout': duration('s', 30, 'Longest silence.'),
    'apim.aws_lambda.http_client.connection_acquisition_timeout': duration('s', 30, 'Longest wait for a free one.'),
  }),
  ...none('web socket APIs share the HTTP ports of the gateway', {
    'apim.ws.*': open('Port and sequences of web socket APIs (9099 in WSO2).'),
    'apim.wss.*': open('Port, certificate and sequences of secure web socket APIs (8099 in WSO2).'),
  }),
  ...later('web hooks', {
    'apim.gateway.environment[].websub_event_receiver_http_endpoint': text(
      undefined,
      'Address at which this environment takes events.',
    ),
    'apim.gateway.environment[].websub_event_receiver_https_endpoint': text(undefined, 'The same over TLS.'),
    'apim.webhooks.*': open('Ports and certificates of the event receiver (9021 and 8021 in WSO2).'),
  }),
};
