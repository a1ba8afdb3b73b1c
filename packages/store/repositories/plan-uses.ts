import type { Api, PlanKind, Subscription } from '@sluice/model';
import { type SqlBool, sql } from 'kysely';
import { decodeDocument } from '../codec.ts';
import type { PlanUse } from '../store.ts';
import type { TenantSession } from '../tenant.ts';

/** Who uses the plan of that name, at most `most` of them: enough to say who must change first. */
export async function usesOfPlan(
  session: TenantSession,
  kind: PlanKind,
  name: string,
  most: number,
): Promise<PlanUse[]> {
  if (kind === 'application') return applicationUses(session, name, most);
  const uses = kind === 'subscription' ? await subscriptionUses(session, name, most) : [];
  const names = (api: Api) => (kind === 'subscription' ? api.policies.includes(name) : limits(api).includes(name));
  return [...uses, ...(await apiUses(session, name, names))].slice(0, most);
}

/** Names of the advanced plans of an API. */
function limits(api: Api): (string | null)[] {
  return [api.apiThrottlingPolicy, ...api.operations.map(({ throttlingPolicy }) => throttlingPolicy)];
}

async function applicationUses(session: TenantSession, name: string, most: number): Promise<PlanUse[]> {
  const rows = await session.read((tables) =>
    tables
      .select('application')
      .select(['document'])
      .where('plan', '=', name)
      .orderBy('name_key')
      .orderBy('id')
      .limit(most)
      .execute(),
  );
  return rows.map((row) => {
    const { owner, name: application } = decodeDocument<{ owner: string; name: string }>(row.document);
    return { what: 'application', name: `${application} of ${owner}` };
  });
}

async function subscriptionUses(session: TenantSession, name: string, most: number): Promise<PlanUse[]> {
  const rows = await session.read((tables) =>
    tables
      .select('subscription')
      .select('document')
      .where(mentions('subscription.document', name))
      .orderBy('created_time')
      .execute(),
  );
  return rows
    .map((row) => decodeDocument<Subscription>(row.document))
    .filter(({ plan, requestedPlan }) => plan === name || requestedPlan === name)
    .slice(0, most)
    .map(({ id, subscriber }) => ({ what: 'subscription', name: `${id} of ${subscriber}` }));
}

/** APIs as they are, and as the revisions that are deployed froze them. */
async function apiUses(session: TenantSession, name: string, uses: (api: Api) => boolean): Promise<PlanUse[]> {
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
  const found = new Map<string, PlanUse>();
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
function mentions(column: string, name: string) {
  const text = JSON.stringify(name).replace(/[\\%_]/g, '\\$&');
  return sql<SqlBool>`${sql.ref(column)} like ${`%${text}%`} escape '\\'`;
}
