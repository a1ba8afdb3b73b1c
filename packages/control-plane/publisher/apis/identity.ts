import { type Api, errors, SluiceError } from '@sluice/model';
import { ConflictError, type OrganizationStore } from '@sluice/store';

/** What makes an API one of its kind. Upper and lower case count as the same. */
export type ApiIdentity = Pick<Api, 'name' | 'version' | 'context'>;

/**
 * Throws when an API like this exists, with the statuses that WSO2's suites ask for (`wso2-control-plane.md` 2.10): a name that differs by case alone,
 * the same version again, or another API's context are 409; the same name and version under another context is 400.
 */
export async function checkIdentity({ apis }: OrganizationStore, identity: ApiIdentity): Promise<void> {
  const { name, version, context } = identity;
  const versions = await apis.versions(name);
  if (versions.some((api) => api.name !== name)) throw new SluiceError(errors.apiNameExists, { name });
  const same = versions.find((api) => equal(api.version, version));
  if (same && equal(same.context, context)) throw new SluiceError(errors.apiExists, { name, version });
  if (same) throw new SluiceError(errors.apiNameTakenElsewhere, { name, version, context: same.context });
  const holders = await apis.byContext(context);
  if (holders.some((api) => !equal(api.name, name))) throw new SluiceError(errors.apiContextExists, { context });
}

/** Turns what the store finds in a race of two creations into the same errors. */
export async function unlessTaken<T>(identity: ApiIdentity, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    throw error.rule === 'api-context-version'
      ? new SluiceError(errors.apiContextExists, { context: identity.context }, { cause: error })
      : new SluiceError(errors.apiExists, { name: identity.name, version: identity.version }, { cause: error });
  }
}

function equal(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
