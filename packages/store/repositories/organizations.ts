import { superOrganization } from '@sluice/model';
import type { Session } from '../session.ts';

/** An organization exists once somebody can sign in to it; the super organization always does. */
export async function listOrganizations(session: Session): Promise<string[]> {
  const rows = await session.read((database) =>
    database
      .selectFrom('account')
      .select('organization')
      .distinct()
      .where('organization', '<>', superOrganization)
      .orderBy('organization')
      .execute(),
  );
  return [superOrganization, ...rows.map((row) => row.organization)];
}
