import type { JsonObject } from '@sluice/model';

/** What stands behind an API, and the deadlines of its calls. */
export interface SluiceEndpoints {
  /** `endpointConfig` of an API whose backend is at this URL. */
  config(url: string): JsonObject;
  /** Lines of deployment.toml, before its tables. */
  readonly settings: string;
}

/** One backend, everything else as it ships. */
export const single: SluiceEndpoints = {
  config: (url) => ({ endpoint_type: 'http', production_endpoints: { url }, sandbox_endpoints: { url } }),
  settings: '',
};

/** A failover group of three, the first of which answers: three addresses of the same backend. */
export const failoverOfThree: SluiceEndpoints = {
  config(url) {
    const member = (query: string) => ({ endpoint_type: 'http', url: `${url}${query}` });
    return {
      endpoint_type: 'failover',
      failOver: true,
      production_endpoints: member(''),
      production_failovers: [member('?member=2'), member('?member=3')],
    };
  },
  settings: '',
};

/** Every deadline that an API or its endpoint can have, with a value of its own. */
export const everyDeadline: SluiceEndpoints = {
  config: (url) => ({
    endpoint_type: 'http',
    timeouts: { global: 90_000, clientBodyIdle: 70_000, clientWriteIdle: 71_000 },
    production_endpoints: {
      url,
      config: {
        actionSelect: 'fault',
        actionDuration: '60000',
        timeouts: {
          poolWait: 20_000,
          connect: 10_000,
          tlsHandshake: 11_000,
          backendWriteIdle: 41_000,
          firstByte: 42_000,
          backendBodyIdle: 43_000,
        },
      },
    },
  }),
  settings: '',
};

/** No deadline at all where an API has none of its own, but for the global one, which cannot be switched off: it is as far away as it can be. */
export const noDeadline: SluiceEndpoints = {
  config: single.config,
  settings: `
passthru_http.'http.socket.timeout' = 0
passthru_http.'http.connection.timeout' = 0
synapse_properties.'synapse.global_timeout_interval' = 2147483647
sluice.gateway.pool_wait_timeout = 0
sluice.gateway.client_head_timeout = 0
sluice.gateway.keep_alive_timeout = 0
sluice.gateway.tls_handshake_timeout = 0
sluice.gateway.dns_timeout = 0
`,
};
