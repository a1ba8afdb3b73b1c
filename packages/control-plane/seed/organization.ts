import { randomUUID } from 'node:crypto';
import { type Json, type Plan, seededPlans } from '@sluice/model';
import type { OrganizationStore, Store } from '@sluice/store';
import { announce, planEntry } from '../feed/announce.ts';
import { type ConfiguredEnvironment, settleEnvironments } from './environments.ts';

export interface SeedOptions {
  readonly environments: readonly ConfiguredEnvironment[];
}

/**
 * Gives an organization the rows that WSO2 gives it at its first start: the gateway environments of the settings and the plans of
 * `wso2-gateway.md` 7.5. May be called at every start: plans that were seeded once and then changed or removed stay so, while
 * environments are as the settings have them now.
 */
export async function seedOrganization(store: Store, name: string, options: SeedOptions): Promise<void> {
  const marker = `seed/${name}`;
  await store.transaction(async (tx) => {
    const organization = tx.organization(name);
    const done = new Set(asNames(await tx.system.values.get(marker)));
    const size = done.size;
    await settleEnvironments(organization, options.environments);
    for (const plan of seededPlans) {
      const mark = `${plan.kind}/${plan.name}`;
      if (!done.has(mark)) await seedPlan(organization, plan);
      done.add(mark);
    }
    if (done.size > size) await tx.system.values.set(marker, [...done]);
  });
}

async function seedPlan(organization: OrganizationStore, seeded: (typeof seededPlans)[number]): Promise<void> {
  if (await organization.plans.find(seeded.kind, seeded.name)) return;
  const plan: Plan = { ...seeded, id: randomUUID(), organization: organization.organization };
  await organization.plans.create(plan);
  await announce(organization.feed, planEntry(plan));
}

function asNames(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : [];
}
