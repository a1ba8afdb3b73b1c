import type { Api, PlanKind, Subscription } from '@sluice/model';
import { decodeDocument } from '../codec.ts';
import type { PlanUse } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { apisThatMention, mentions } from './api-mentions.ts';

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
  return [...uses, ...(await apisThatMention(session, name, names))].slice(0, most);
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
