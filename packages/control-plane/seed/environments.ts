import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { GatewayEnvironment, VirtualHost } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

/** A gateway environment as the settings have it. WSO2 keeps such environments read-only in its portals. */
export interface ConfiguredEnvironment
  extends Pick<GatewayEnvironment, 'name' | 'displayName' | 'description' | 'type'> {
  /** Host and ports that clients use. */
  readonly vhost: VirtualHost;
}

/**
 * Makes the environments of the settings and brings those that are there up to date, so that changed host names and ports show at the
 * next start. An environment that left the settings stays: revisions may be deployed there. Call it in a transaction.
 */
export async function settleEnvironments(
  organization: OrganizationStore,
  configured: readonly ConfiguredEnvironment[],
): Promise<void> {
  const { environments } = organization;
  for (const { vhost, ...face } of configured) {
    const known = await environments.find(face.name);
    const settled = { ...face, organization: organization.organization };
    if (!known) {
      await environments.create({ ...settled, id: randomUUID(), vhosts: [vhost] });
      continue;
    }
    const current = { ...known, ...settled, vhosts: [vhost, ...known.vhosts.slice(1)] };
    if (!isDeepStrictEqual(current, known)) await environments.update(current);
  }
}
