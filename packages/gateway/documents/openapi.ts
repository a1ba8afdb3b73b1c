import { definitionFor, portalDefinition } from '@sluice/model';
import { stringify } from 'yaml';
import type { CompiledApi } from '../snapshot/api.ts';
import type { ApiAddresses } from './addresses.ts';

export type OpenApiForm = 'json' | 'yaml';

/**
 * An OpenAPI 3.0 definition of what the gateway serves of an API: its operations, their parameters in the path, and who may call them. It is made
 * from what the gateway knows, as WSO2's own processor does, so that no gateway keeps the definitions of thousands of APIs;
 * schemas are in the developer portal's.
 */
export function openApiOf(
  api: CompiledApi,
  addresses: ApiAddresses,
  authorizationUrl: string,
  form: OpenApiForm,
): string {
  const { name, version, operations } = api.source;
  const scopes = new Set(operations.flatMap((operation) => operation.scopes));
  const definition = portalDefinition(
    definitionFor({
      name,
      version,
      operations,
      scopes: [...scopes].map((scope) => ({ name: scope, bindings: [], shared: false })),
    }),
    { urls: [addresses.https, addresses.http].filter((url) => url !== undefined), authorizationUrl },
  );
  return form === 'json' ? JSON.stringify(definition) : stringify(definition);
}
