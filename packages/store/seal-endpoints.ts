import {
  type Api,
  type EndpointSecrets,
  holdsClearSecrets,
  type JsonObject,
  type Revision,
  type SharedEndpoint,
} from '@sluice/model';
import { decodeDocument, encodeDocument } from './codec.ts';
import { EndpointKeyError } from './errors.ts';
import { namedValues } from './repositories/named-values.ts';
import type { Session } from './session.ts';

/** Says which key the secrets are sealed with. */
const keyName = 'endpoint.key';
/** Rows that are looked at in one go. */
const stride = 200;

/** The API as it is stored. */
export function sealed(api: Api, secrets: EndpointSecrets | undefined): Api {
  const { endpointConfig } = api;
  if (endpointConfig === null || secrets === undefined) return api;
  return { ...api, endpointConfig: secrets.seal(endpointConfig, api.id) };
}

/** The API with the secrets in the clear that are sealed for the API `id`. */
export function unsealed(api: Api, id: string, secrets: EndpointSecrets | undefined): Api {
  const { endpointConfig } = api;
  if (endpointConfig === null || secrets === undefined) return api;
  return { ...api, endpointConfig: secrets.unseal(endpointConfig, id) };
}

/** Makes sure that this key is the one of the database. The first one that is used seals what was written before there was any. */
export async function adoptEndpointKey(session: Session, secrets: EndpointSecrets): Promise<void> {
  const values = namedValues(session);
  const known = await values.get(keyName);
  if (known === undefined) {
    await sealApis(session, secrets);
    await sealRevisions(session, secrets);
    await sealShared(session, secrets);
    await sealEvents(session, secrets);
    await values.set(keyName, secrets.keyId);
  } else if (known !== secrets.keyId) throw new EndpointKeyError(String(known), secrets.keyId);
}

async function sealApis(session: Session, secrets: EndpointSecrets): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await session.read((database) =>
      database
        .selectFrom('api')
        .select(['id', 'document'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(stride)
        .execute(),
    );
    for (const { id, document } of rows) {
      const api = decodeDocument<Api>(document);
      if (api.endpointConfig === null || !holdsClearSecrets(api.endpointConfig)) continue;
      const changed = encodeDocument(sealed(api, secrets));
      await session.write((database) =>
        database.updateTable('api').set({ document: changed }).where('id', '=', id).execute(),
      );
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function sealRevisions(session: Session, secrets: EndpointSecrets): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await session.read((database) =>
      database
        .selectFrom('revision')
        .select(['id', 'document'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(stride)
        .execute(),
    );
    for (const { id, document } of rows) {
      const revision = decodeDocument<Revision>(document);
      const config = revision.api.endpointConfig;
      if (config === null || !holdsClearSecrets(config)) continue;
      const changed = encodeDocument({ ...revision, api: sealed(revision.api, secrets) });
      await session.write((database) =>
        database.updateTable('revision').set({ document: changed }).where('id', '=', id).execute(),
      );
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function sealShared(session: Session, secrets: EndpointSecrets): Promise<void> {
  const rows = await session.read((database) =>
    database.selectFrom('shared_endpoint').select(['id', 'document']).execute(),
  );
  for (const { id, document } of rows) {
    const endpoint = decodeDocument<SharedEndpoint>(document);
    if (!holdsClearSecrets(endpoint.endpointConfig)) continue;
    const changed = encodeDocument({ ...endpoint, endpointConfig: secrets.seal(endpoint.endpointConfig, id) });
    await session.write((database) =>
      database.updateTable('shared_endpoint').set({ document: changed }).where('id', '=', id).execute(),
    );
  }
}

/** What gateways are told of an API, or of an endpoint that APIs share, holds endpoints with the same names of secrets. */
async function sealEvents(session: Session, secrets: EndpointSecrets): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await session.read((database) =>
      database
        .selectFrom('event')
        .select(['sequence', 'kind', 'entity_id', 'document'])
        .where('kind', 'in', ['api', 'endpoint'])
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(stride)
        .execute(),
    );
    for (const { sequence, kind, entity_id, document } of rows) {
      const value = document === null ? null : decodeDocument<JsonObject>(document);
      if (value === null || !holdsClearSecrets(value)) continue;
      const changed = encodeDocument(secrets.seal(value, kind === 'api' ? entity_id : String(value.id)));
      await session.write((database) =>
        database.updateTable('event').set({ document: changed }).where('sequence', '=', sequence).execute(),
      );
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = Number(last.sequence);
  }
}
