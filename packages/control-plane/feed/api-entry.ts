import {
  type Api,
  type Deployment,
  deployedApi,
  type GatewayEnvironment,
  mockedApi,
  parseEndpointConfig,
  type Revision,
  type RuntimeEntry,
} from '@sluice/model';

/**
 * A deployment as the gateways of its environment see it: the revision as it was frozen, with what is never frozen, the state of the API's life and
 * which version is the default one. Both the snapshot and the events are made from this function.
 */
export function apiEntry(
  api: Pick<Api, 'status' | 'isDefaultVersion'>,
  revision: Pick<Revision, 'api' | 'definition'>,
  deployment: Deployment,
  environment: GatewayEnvironment,
): RuntimeEntry & { kind: 'api' } {
  const frozen = { ...revision.api, status: api.status, isDefaultVersion: api.isDefaultVersion };
  const { endpoints } = parseEndpointConfig(frozen.endpointConfig);
  const value = deployedApi(frozen, deployment, environment, endpoints);
  return { kind: 'api', id: frozen.id, value: isMocked(frozen) ? mockedApi(value, revision.definition) : value };
}

/** Whether answers are made up from the definition instead of asking a backend. */
export function isMocked({ endpointImplementationType }: Pick<Api, 'endpointImplementationType'>): boolean {
  return endpointImplementationType !== 'ENDPOINT';
}
