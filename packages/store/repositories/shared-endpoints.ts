import {
  type Api,
  type EndpointSecrets,
  type JsonObject,
  parseEndpointConfig,
  referencesOf,
  type SharedEndpoint,
} from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { SharedEndpointRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { apisThatMention } from './api-mentions.ts';
import { touched } from './outcome.ts';

const decode = (row: { document: string }): SharedEndpoint => decodeDocument(row.document);

export function sharedEndpointRepository(
  session: TenantSession,
  secrets: EndpointSecrets | undefined,
): SharedEndpointRepository {
  const columns = (endpoint: SharedEndpoint) => {
    const config: JsonObject = secrets?.seal(endpoint.endpointConfig, endpoint.id) ?? endpoint.endpointConfig;
    const document = encodeDocument({ ...endpoint, endpointConfig: config });
    return { id: endpoint.id, name: endpoint.name, document };
  };
  const one = async (column: 'id' | 'name', value: string) => {
    const row = await session.read((tables) =>
      tables.select('shared_endpoint').select('document').where(column, '=', value).executeTakeFirst(),
    );
    return row && decode(row);
  };

  return {
    create: async (endpoint) => {
      session.assertOwned(endpoint);
      await session.write((tables) => tables.insert('shared_endpoint', columns(endpoint)).execute());
    },

    get: (id) => one('id', id),

    find: (name) => one('name', name),

    list: async () =>
      (
        await session.read((tables) => tables.select('shared_endpoint').select('document').orderBy('name').execute())
      ).map(decode),

    update: async (endpoint) => {
      session.assertOwned(endpoint);
      const { id, ...changed } = columns(endpoint);
      return touched(
        await session.write((tables) => tables.update('shared_endpoint', changed).where('id', '=', id).execute()),
      );
    },

    remove: async (id) =>
      touched(await session.write((tables) => tables.delete('shared_endpoint').where('id', '=', id).execute())),

    uses: (name) => apisThatMention(session, name, (api) => refersTo(api, name)),
  };
}

function refersTo({ endpointConfig }: Api, name: string): boolean {
  const { production, sandbox } = parseEndpointConfig(endpointConfig).endpoints;
  return [...referencesOf(production), ...referencesOf(sandbox)].some(({ key }) => key === name);
}
