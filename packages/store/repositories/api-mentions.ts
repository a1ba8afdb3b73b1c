import type { Api } from '@sluice/model';
import { type SqlBool, sql } from 'kysely';
import { decodeDocument } from '../codec.ts';
import type { TenantSession } from '../tenant.ts';

/** An API that names something; `name` is for people. */
export interface ApiUse {
  readonly what: 'API';
  readonly name: string;
}

/** APIs that name something, as they are and as the revisions that are deployed froze them; `uses` looks at those whose documents hold the name. */
export async function apisThatMention(
  session: TenantSession,
  name: string,
  uses: (api: Api) => boolean,
): Promise<ApiUse[]> {
  const working = await session.read((tables) =>
    tables
      .select('api')
      .select('document')
      .where(mentions('api.document', name))
      .orderBy('name_key')
      .orderBy('version_key')
      .execute(),
  );
  const frozen = await session.read((tables) =>
    tables
      .select('deployment')
      .innerJoin('revision', (join) =>
        join
          .onRef('revision.organization', '=', 'deployment.organization')
          .onRef('revision.id', '=', 'deployment.revision_id'),
      )
      .select(['revision.document as document', 'revision.number as number'])
      .where(mentions('revision.document', name))
      .orderBy('deployment.api_id')
      .execute(),
  );
  const found = new Map<string, ApiUse>();
  for (const row of working) {
    const api = decodeDocument<Api>(row.document);
    if (uses(api)) found.set(api.id, { what: 'API', name: `${api.name} ${api.version}` });
  }
  for (const row of frozen) {
    const { api } = decodeDocument<{ api: Api }>(row.document);
    if (!uses(api) || found.has(api.id)) continue;
    found.set(api.id, { what: 'API', name: `${api.name} ${api.version} (deployed revision ${row.number})` });
  }
  return [...found.values()];
}

/** Documents that hold the name somewhere as a text: a first look that the database can do. */
export function mentions(column: string, name: string) {
  const text = JSON.stringify(name).replace(/[\\%_]/g, '\\$&');
  return sql<SqlBool>`${sql.ref(column)} like ${`%${text}%`} escape '\\'`;
}
