import { type Api, basePathOf, type DenyCondition, errors, qualifiedUser, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

/** Rows read at a time. */
const stride = 200;

/**
 * The condition with its value as gateways compare it. As in WSO2, what it shuts out must exist, save for users, who may come from elsewhere.
 * Throws `denyPolicyApiUnknown` or `denyPolicyApplicationUnknown` (400).
 */
export async function denyTarget(organization: OrganizationStore, condition: DenyCondition): Promise<DenyCondition> {
  switch (condition.type) {
    case 'API':
      if (await apiAt(organization, condition.value)) return condition;
      throw new SluiceError(errors.denyPolicyApiUnknown, { context: condition.value });
    case 'APPLICATION':
      return { ...condition, value: await applicationNamed(organization, condition.value) };
    case 'USER':
      return { ...condition, value: await userNamed(organization, condition.value) };
    default:
      return condition;
  }
}

/** User names compare without case: one that is known here is written as tokens have it. */
async function userNamed({ organization, users }: OrganizationStore, value: string): Promise<string> {
  const suffix = `@${organization}`;
  const name = value.endsWith(suffix) ? value.slice(0, -suffix.length) : value;
  return qualifiedUser((await users.find(name))?.name ?? value, organization);
}

/** Whether an API is called at this path. */
async function apiAt(organization: OrganizationStore, path: string): Promise<boolean> {
  const isThere = (api: Api) => basePathOf(api) === path;
  const withoutVersion = path.slice(0, path.lastIndexOf('/'));
  const prefix = `/t/${organization.organization}`;
  const contexts = withoutVersion.startsWith(`${prefix}/`)
    ? [withoutVersion, withoutVersion.slice(prefix.length)]
    : [withoutVersion];
  for (const context of contexts) if ((await organization.apis.byContext(context)).some(isThere)) return true;
  // The version may stand inside of the context.
  const query = { terms: [{ field: 'context', match: 'contains', value: '{version}' }] } as const;
  for (let offset = 0; ; offset += stride) {
    const { items } = await organization.apis.list(query, { offset, limit: stride });
    if (items.some(isThere)) return true;
    if (items.length < stride) return false;
  }
}

/** `owner:name` as the application itself writes them. */
async function applicationNamed(organization: OrganizationStore, value: string): Promise<string> {
  const colon = value.indexOf(':');
  const name = value.slice(colon + 1);
  const suffix = `@${organization.organization}`;
  const written = value.slice(0, colon);
  const owner = written.endsWith(suffix) ? written.slice(0, -suffix.length) : written;
  const found = await organization.applications.list({ owner, name, nameMatch: 'equals' }, { offset: 0, limit: 1 });
  const [application] = found.items;
  if (!application) throw new SluiceError(errors.denyPolicyApplicationUnknown, { owner, name });
  return `${application.owner}:${application.name}`;
}
