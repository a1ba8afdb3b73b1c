import type { Seal } from '@sluice/model';
import { ConflictError, type Store } from '@sluice/store';
import type { UserService } from '../key-manager.ts';
import { builtInRoles } from '../scopes/role-scopes.ts';

const appliedName = 'key-manager.super-admin';

/**
 * Makes the super admin with every built-in role, as WSO2 does at the first start. The configured password is applied again only when the
 * configuration itself changed, so that a password changed in the portal outlives restarts, yet a new one in the file takes effect
 * (otherwise the old default would stay valid behind a configuration that no longer says so).
 */
export async function ensureSuperAdmin(
  parts: { store: Store; users: UserService; seal: Seal },
  account: { username: string; password: string },
): Promise<void> {
  const { store, users } = parts;
  const applied = parts.seal.mark(JSON.stringify([account.username, account.password]), 'super admin');
  const unchanged = (await store.system.values.get(appliedName)) === applied;
  if (!(await users.find(account.username))) {
    await users.create({ ...account, roles: builtInRoles }).catch(tolerateTwin);
  } else if (!unchanged) {
    await users.setPassword(account.username, account.password);
    await users.setRoles(account.username, builtInRoles);
  }
  if (!unchanged) await store.system.values.set(appliedName, applied);
}

/** Another process that starts on the same store made the account a moment ago. */
function tolerateTwin(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error;
}
