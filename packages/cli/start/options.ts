import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { type AnyKey, gatewayDeadlines, type RowOf, type Settings } from '@sluice/config';
import type { ControlPlaneOptions } from '@sluice/control-plane';
import type { KeyManagerOptions } from '@sluice/key-manager';
import { parseDatabaseUrl, type StoreOptions } from '@sluice/store';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';
import type { WorkerOptions } from '../workers/messages.ts';
import { admissionOptions } from './admission.ts';
import { backendOptions } from './backends.ts';
import { fetchProxy } from './fetch-proxy.ts';
import { headerOptions } from './headers.ts';
import { conditionSwitches } from './throttle.ts';
import { hostnameVerification } from './tls.ts';

/** A configured port with the offset added; 0 stays 0 and lets the kernel choose. */
export function portOf(settings: Settings, key: PortKey): number {
  const port = settings.get(key);
  return port === 0 ? 0 : port + settings.get('server.offset');
}

type PortKey = Extract<
  AnyKey,
  | 'transport.https.properties.port'
  | 'transport.http.properties.port'
  | 'transport.http.listener.port'
  | 'transport.http.listener.secured_port'
>;

/** `[database.apim_db]`. Throws `UsageError` where type and address do not go together. */
export function storeOptions(settings: Settings, home: Home): StoreOptions {
  if (settings.get('database.apim_db.type') === 'sqlite') {
    return { engine: 'sqlite', file: sqliteFile(settings.get('database.apim_db.url'), home) };
  }
  const url = settings.get('database.apim_db.url');
  const host = settings.get('database.apim_db.hostname');
  const name = settings.get('database.apim_db.name');
  const address =
    url ??
    (host && name ? `jdbc:postgresql://${host}:${settings.get('database.apim_db.port') ?? 5432}/${name}` : undefined);
  if (address === undefined) {
    throw new UsageError(
      'database.apim_db.url is missing: with type "postgre" give it, for instance jdbc:postgresql://localhost:5432/sluice, or hostname and name',
    );
  }
  const { connection } = parseDatabaseUrl(address);
  const user = settings.get('database.apim_db.username') ?? connection.user ?? userInfo().username;
  const password = settings.get('database.apim_db.password');
  return {
    engine: 'postgresql',
    connection: {
      ...connection,
      user,
      ...(password === undefined ? {} : { password }),
    },
    pool: {
      maxActive: settings.get('database.apim_db.pool_options.maxActive'),
      maxWaitMillis: settings.get('database.apim_db.pool_options.maxWait'),
      testOnBorrow: settings.get('database.apim_db.pool_options.testOnBorrow'),
      validationQuery: settings.get('database.apim_db.pool_options.validationQuery'),
      validationIntervalMillis: settings.get('database.apim_db.pool_options.validationInterval'),
    },
  };
}

function sqliteFile(url: string | undefined, home: Home): string {
  return url === undefined
    ? join(home.data, 'sluice.db')
    : resolve(home.path, url.replace(/^(jdbc:)?sqlite:(\/\/)?/, ''));
}

/** The grants that are served, and the setting that switches each. */
const grantSwitches = {
  password: 'oauth.grant_type.password.enable',
  client_credentials: 'oauth.grant_type.client_credentials.enable',
  refresh_token: 'oauth.grant_type.refresh_token.enable',
} as const;

/** Lifetimes and names of tokens. */
export function keyManagerOptions(
  settings: Settings,
): Pick<
  KeyManagerOptions,
  'issuer' | 'publicUrl' | 'lifetimes' | 'allowedScopes' | 'grantTypes' | 'clientNamePattern'
> {
  const base = publicUrl(settings);
  return {
    issuer: `${base}/oauth2/token`,
    publicUrl: base,
    lifetimes: {
      applicationToken: settings.get('oauth.token_validation.app_access_token_validity'),
      userToken: settings.get('oauth.token_validation.user_access_token_validity'),
      refreshToken: settings.get('oauth.token_validation.refresh_token_validity'),
    },
    grantTypes: (Object.keys(grantSwitches) as (keyof typeof grantSwitches)[]).filter((grant) =>
      settings.get(grantSwitches[grant]),
    ),
    clientNamePattern: new RegExp(settings.get('service_provider.sp_name_regex')),
    allowedScopes: settings.get('apim.oauth_config.allowed_scopes').map((pattern) => new RegExp(`^(?:${pattern})$`)),
  };
}

/** `https://host:9443`, or the port of the load balancer in front. A port that the kernel chooses is not known beforehand; the usual one stands for it. */
export function publicUrl(settings: Settings): string {
  const port =
    settings.get('transport.https.properties.proxyPort') || portOf(settings, 'transport.https.properties.port') || 9443;
  return `https://${settings.get('server.hostname')}${port === 443 ? '' : `:${port}`}`;
}

/** What of the settings concerns the REST APIs. Settings that would open the default password to others were refused when they were read. */
export function controlPlaneOptions(settings: Settings): Pick<
  ControlPlaneOptions,
  'publicUrls' | 'importPolicy' | 'limits' | 'devportal' | 'plans' | 'deadlines'
> & {
  readonly host: string;
} {
  const host = settings.get('server.bind_address');
  const base = publicUrl(settings);
  const proxy = fetchProxy(settings);
  return {
    host,
    publicUrls: { base, devportal: `${base}/devportal` },
    importPolicy: {
      allowPrivate: settings.get('apim.publisher.allow_private_import') ?? isLoopback(host),
      ...(proxy ? { proxy } : {}),
    },
    deadlines: gatewayDeadlines(settings),
    limits: {
      bodyBytes: settings.get('apim.publisher.definition_size_limit') * 1024 * 1024,
      maxRevisions: settings.get('sluice.publisher.max_revisions'),
    },
    devportal: {
      displayMultipleVersions: settings.get('apim.devportal.display_multiple_versions'),
      displayDeprecatedApis: settings.get('apim.devportal.display_deprecated_apis'),
      anonymousMode: settings.get('apim.devportal.enable_anonymous_mode'),
      passwordChange: settings.get('apim.enable_change_password'),
      applicationAttributes: settings.rows('apim.devportal.application_attributes').map(attributeOf),
    },
    plans: {
      unlimited: settings.get('apim.throttling.enable_unlimited_tier'),
      conditions: conditionSwitches(settings),
    },
  };
}

function attributeOf({ name, description, required, hidden }: RowOf<'apim.devportal.application_attributes'>) {
  return { name: name ?? '', description, tooltip: description, required, hidden };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** What of the settings concerns the data plane, but for addresses and certificates. */
export function gatewayOptions(settings: Settings, home: Home): Omit<WorkerOptions, 'listeners' | 'environment'> {
  const logged = settings.get('http_access_log.enabled');
  const folder = settings.get('http_access_log.directory') ?? home.logs;
  const name = `${settings.get('http_access_log.prefix')}gateway${settings.get('http_access_log.suffix')}`;
  return {
    ...(logged ? { accessLog: { to: join(folder, name), pattern: settings.get('http_access_log.pattern') } } : {}),
    faultStatus: settings.get('sluice.compat.fault_status'),
    keepAuthorization: settings.get('apim.oauth_config.enable_outbound_auth_header'),
    cors: settings.get('apim.cors.enable')
      ? {
          corsConfigurationEnabled: true,
          accessControlAllowOrigins: settings.get('apim.cors.allow_origins'),
          accessControlAllowCredentials: settings.get('apim.cors.allow_credentials'),
          accessControlAllowHeaders: settings.get('apim.cors.allow_headers'),
          accessControlAllowMethods: settings.get('apim.cors.allow_methods'),
        }
      : null,
    corsExposeHeaders: settings.get('apim.cors.expose_headers'),
    webSocketOrigins: settings.get('apim.cors.enable_validation_for_ws'),
    ...headerOptions(settings),
    ...(settings.get('passthru_http.max_open_connections') < 0
      ? {}
      : { maxConnections: settings.get('passthru_http.max_open_connections') }),
    ...admissionOptions(settings, home),
    tokenCacheSize: settings.get('sluice.gateway.token_cache_size'),
    tokenSkew: settings.get('sluice.gateway.token_clock_skew'),
    hostnameVerification: hostnameVerification(settings),
    halfClose: settings.get('sluice.gateway.half_close'),
    limits: {
      headBytes: settings.get('sluice.gateway.max_head_size'),
      headerCount: settings.get('sluice.gateway.max_header_count'),
      targetBytes: settings.get('sluice.gateway.max_request_line'),
      chunkExtensionBytes: settings.get('sluice.gateway.max_chunk_extension'),
      bodyBytes: settings.get('passthru_http.message.size.validation.enabled')
        ? settings.get('passthru_http.valid.max.message.size.in.bytes')
        : 0,
      discardBytes: settings.get('sluice.gateway.max_discarded_body'),
    },
    timeouts: {
      clientBodyIdle: settings.get('sluice.gateway.client_body_idle_timeout'),
      clientWriteIdle: settings.get('sluice.gateway.client_write_idle_timeout'),
      backendWriteIdle: settings.get('sluice.gateway.backend_write_idle_timeout'),
      firstByte: settings.get('sluice.gateway.first_byte_timeout'),
      backendBodyIdle: settings.get('sluice.gateway.backend_body_idle_timeout'),
      connect: settings.get('passthru_http.http.connection.timeout'),
      global: settings.get('synapse_properties.synapse.global_timeout_interval'),
      clientHead: settings.get('sluice.gateway.client_head_timeout'),
      keepAliveIdle: settings.get('sluice.gateway.keep_alive_timeout'),
      tlsHandshake: settings.get('sluice.gateway.tls_handshake_timeout'),
      poolWait: settings.get('sluice.gateway.pool_wait_timeout'),
      continueWait: settings.get('sluice.gateway.continue_wait'),
      discard: settings.get('sluice.gateway.discard_timeout'),
      webSocketIdle: settings.get('sluice.gateway.websocket_idle_timeout'),
    },
    http2: {
      enabled: settings.get('sluice.gateway.http2.enabled'),
      maxStreams: settings.get('sluice.gateway.http2.max_concurrent_streams'),
      maxResets: settings.get('sluice.gateway.http2.max_resets'),
    },
    ...backendOptions(settings),
  };
}

/** An address of the data plane. */
export interface GatewayBind {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
}

/** Where the data plane listens, the plain address first. Throws `UsageError` when the settings leave it none. */
export function gatewayBinds(settings: Settings): readonly GatewayBind[] {
  const http = {
    secure: false,
    host: settings.get('transport.http.listener.bind_address'),
    port: portOf(settings, 'transport.http.listener.port'),
  };
  const https = {
    secure: true,
    host: settings.get('transport.http.listener.secured_bind_address'),
    port: portOf(settings, 'transport.http.listener.secured_port'),
  };
  const binds = [
    ...(settings.get('transport.http.listener.enable') ? [http] : []),
    ...(settings.get('transport.http.listener.secured_enable') ? [https] : []),
  ];
  if (binds.length > 0) return binds;
  throw new UsageError(
    'transport.http.listener.enable and transport.http.listener.secured_enable are both false, so that nobody could call the gateway; set one of them to true, or start the control plane alone with --role control-plane',
  );
}
