/** Every deadline of a call, by the name that answers, logs and reports use. */
export type DeadlineName =
  | 'keep-alive-idle'
  | 'client-head'
  | 'client-body-idle'
  | 'pool-wait'
  | 'name-lookup'
  | 'connect'
  | 'tls-handshake'
  | 'backend-write-idle'
  | 'first-byte'
  | 'endpoint'
  | 'global'
  | 'backend-body-idle'
  | 'client-write-idle'
  | 'websocket-idle';

/** Names in the `timeouts` object of an API. */
export type ApiTimeoutMember = EndpointTimeoutMember | 'clientBodyIdle' | 'clientWriteIdle' | 'global';

/** Names in the `timeouts` object of an endpoint's `config`. */
export type EndpointTimeoutMember =
  | 'connect'
  | 'tlsHandshake'
  | 'poolWait'
  | 'backendWriteIdle'
  | 'firstByte'
  | 'backendBodyIdle';

/** What one deadline is about. All values are milliseconds; 0 never fires. */
export interface DeadlineRow {
  /** What goes wrong when it fires, as a clause that begins with who is waited for. */
  readonly when: string;
  readonly starts: string;
  readonly stops: string;
  /** Key of `deployment.toml`; null where only an endpoint can say. */
  readonly setting: string | null;
  /** In `timeouts` of the API, and in `config.timeouts` of an endpoint; absent where that level has no say. */
  readonly api?: ApiTimeoutMember;
  readonly endpoint?: EndpointTimeoutMember;
  readonly default: number;
  /** It runs while the call waits for the first byte of an answer, as the endpoint's duration and the global deadline do. */
  readonly beforeAnswer: boolean;
  /** Row of the error catalogue that the client is answered with; null where the connection is closed without an answer. */
  readonly cause: string | null;
}

/** The deadlines in the order in which a call meets them. `docs/timeouts.md` is written from it. */
export const deadlines: Readonly<Record<DeadlineName, DeadlineRow>> = {
  'keep-alive-idle': {
    when: 'the client keeps a connection and sends no request',
    starts: 'the connection is accepted, or the last byte of an answer has gone',
    stops: 'the first byte of a request',
    setting: 'sluice.gateway.keep_alive_timeout',
    default: 180_000,
    beforeAnswer: false,
    cause: null,
  },
  'client-head': {
    when: 'the client does not finish the head of its request',
    starts: 'the first byte of the head',
    stops: 'the end of the head',
    setting: 'sluice.gateway.client_head_timeout',
    default: 60_000,
    beforeAnswer: false,
    cause: 'request-timeout',
  },
  'client-body-idle': {
    when: 'the client stops in the middle of its request',
    starts: 'each byte of the request body',
    stops: 'the end of the request body',
    setting: 'sluice.gateway.client_body_idle_timeout',
    api: 'clientBodyIdle',
    default: 180_000,
    beforeAnswer: true,
    cause: 'request-timeout',
  },
  'pool-wait': {
    when: 'all connections to the backend are in use',
    starts: 'the call begins to wait for one',
    stops: 'it has one',
    setting: 'sluice.gateway.pool_wait_timeout',
    api: 'poolWait',
    endpoint: 'poolWait',
    default: 30_000,
    beforeAnswer: true,
    cause: 'backend-pool-full',
  },
  'name-lookup': {
    when: 'the resolver does not answer',
    starts: 'the name of the backend is asked for',
    stops: 'its addresses are there',
    setting: 'sluice.gateway.dns_timeout',
    default: 5000,
    beforeAnswer: true,
    cause: 'backend-name-unresolved',
  },
  connect: {
    when: 'the backend does not take the connection',
    starts: 'a connection is needed; the lookup of the name is part of it',
    stops: 'the TCP connection stands',
    setting: 'passthru_http.http.connection.timeout',
    api: 'connect',
    endpoint: 'connect',
    default: 90_000,
    beforeAnswer: true,
    cause: 'backend-connect-timeout',
  },
  'tls-handshake': {
    when: 'the backend does not finish the TLS handshake',
    starts: 'the TCP connection stands',
    stops: 'the end of the handshake',
    setting: 'sluice.gateway.tls_handshake_timeout',
    api: 'tlsHandshake',
    endpoint: 'tlsHandshake',
    default: 30_000,
    beforeAnswer: true,
    cause: 'backend-connect-timeout',
  },
  'backend-write-idle': {
    when: 'the backend does not take the request',
    starts: 'each byte of the request that it takes',
    stops: 'it has all that has come',
    setting: 'sluice.gateway.backend_write_idle_timeout',
    api: 'backendWriteIdle',
    endpoint: 'backendWriteIdle',
    default: 180_000,
    beforeAnswer: true,
    cause: 'backend-socket-timeout',
  },
  'first-byte': {
    when: 'the backend has the request and stays silent',
    starts: 'the last byte of the request',
    stops: 'the first byte of the answer',
    setting: 'sluice.gateway.first_byte_timeout',
    api: 'firstByte',
    endpoint: 'firstByte',
    default: 180_000,
    beforeAnswer: true,
    cause: 'backend-socket-timeout',
  },
  endpoint: {
    when: 'the endpoint as a whole takes too long to answer',
    starts: 'the call is sent: waiting, connecting and writing are part of it',
    stops: 'the first byte of the answer',
    setting: null,
    default: 0,
    beforeAnswer: true,
    cause: 'endpoint-timeout',
  },
  global: {
    when: 'an endpoint without a duration of its own takes too long to answer',
    starts: 'the call is sent: waiting, connecting and writing are part of it',
    stops: 'the first byte of the answer',
    setting: 'synapse_properties.synapse.global_timeout_interval',
    api: 'global',
    default: 120_000,
    beforeAnswer: true,
    cause: 'global-timeout',
  },
  'backend-body-idle': {
    when: 'the backend stops in the middle of its answer',
    starts: 'each byte of the answer',
    stops: 'its last byte',
    setting: 'sluice.gateway.backend_body_idle_timeout',
    api: 'backendBodyIdle',
    endpoint: 'backendBodyIdle',
    default: 180_000,
    beforeAnswer: false,
    cause: null,
  },
  'client-write-idle': {
    when: 'the client does not take its answer',
    starts: 'each byte of the answer that it takes',
    stops: 'it has all that has come',
    setting: 'sluice.gateway.client_write_idle_timeout',
    api: 'clientWriteIdle',
    default: 180_000,
    beforeAnswer: false,
    cause: null,
  },
  'websocket-idle': {
    when: 'both sides of a WebSocket are silent',
    starts: 'each message or ping',
    stops: 'the end of the WebSocket',
    setting: 'sluice.gateway.websocket_idle_timeout',
    default: 900_000,
    beforeAnswer: false,
    cause: null,
  },
};

export const deadlineNames = Object.keys(deadlines) as readonly DeadlineName[];
