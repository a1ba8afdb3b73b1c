import { errors, type JsonObject, SluiceError } from '@sluice/model';
import type { RestHandlers } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import type { DevportalDependencies } from '../settings.ts';

/** Passwords of fewer characters are refused as in WSO2's default pattern; the upper bound is what a proof may cost. */
const passwordLength = { least: 5, most: 128 };
const passwordPattern = `^[^\\p{Cc}]{${passwordLength.least},${passwordLength.most}}$`;

/** Facts of the installation and of the caller: `/settings`, `/tenants`, `/me`. */
export function accountHandlers(deps: DevportalDependencies & { readonly scopes: readonly string[] }): RestHandlers {
  const { store, keyManager, settings } = deps;

  return {
    getSettings: async (request) => {
      const open: JsonObject = {
        identityProvider: { external: false },
        IsAnonymousModeEnabled: settings.anonymousMode,
        IsPasswordChangeEnabled: settings.passwordChange,
        devportalMode: 'API_ONLY',
      };
      if (request.anonymous) return { status: 200, body: open };
      const body: JsonObject = {
        ...open,
        grantTypes: [...keyManager.grantTypes],
        scopes: [...deps.scopes],
        applicationSharingEnabled: false,
        mapExistingAuthApps: settings.mapExistingClients,
        apiGatewayEndpoint: await gatewayUrls(request.organization),
        monetizationEnabled: false,
        recommendationEnabled: false,
        IsUnlimitedTierPaid: false,
        IsJWTEnabledForLoginTokens: true,
        orgAccessControlEnabled: false,
        userStorePasswordPattern: passwordPattern,
        passwordPolicyMinLength: passwordLength.least,
        passwordPolicyMaxLength: passwordLength.most,
        apiChatEnabled: false,
        aiAuthTokenProvided: false,
        marketplaceAssistantEnabled: false,
        orgWideAppUpdateEnabled: false,
      };
      return { status: 200, body };
    },

    listApplicationAttributes: async () => {
      const list = settings.applicationAttributes.map((attribute) => ({
        attribute: attribute.name,
        description: attribute.description,
        type: 'text',
        tooltip: attribute.tooltip,
        required: String(attribute.required),
        hidden: String(attribute.hidden),
      }));
      return { status: 200, body: { count: list.length, list } };
    },

    listTenants: async (request) => {
      const page = pageOf(request);
      // No organization is ever switched off.
      const organizations = request.query.state === 'inactive' ? [] : await store.organizations();
      const list = organizations.slice(page.offset, page.offset + page.limit);
      const views = list.map((domain) => ({ domain, status: 'ACTIVE' }));
      return {
        status: 200,
        body: listView('/tenants', page, organizations.length, views, { state: request.query.state }),
      };
    },

    changeUserPassword: async (request) => {
      if (!settings.passwordChange) throw new SluiceError(errors.passwordChangeDisabled);
      const { currentPassword, newPassword } = request.body as { currentPassword: string; newPassword: string };
      if (!new RegExp(passwordPattern, 'u').test(newPassword)) {
        throw new SluiceError(errors.passwordInvalid, passwordLength);
      }
      const name = `${request.principal.user}@${request.organization}`;
      if (!(await keyManager.users.changePassword(name, currentPassword, newPassword))) {
        throw new SluiceError(errors.currentPasswordWrong);
      }
      return { status: 200 };
    },

    organizationInformation: async (request) => ({
      status: 200,
      body: { organizationId: request.organization, name: request.organization },
    }),
  };

  /** WSO2's `apiGatewayEndpoint`: the URLs of the first environment, parted by a comma. */
  async function gatewayUrls(organization: string): Promise<string> {
    const environments = await store.organization(organization).environments.list();
    const vhost = environments[0]?.vhosts[0];
    return vhost ? `http://${vhost.host}:${vhost.httpPort},https://${vhost.host}:${vhost.httpsPort}` : '';
  }
}
