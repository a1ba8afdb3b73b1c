import type { KeyManager } from '@sluice/key-manager';
import type { Application, JsonObject, KeyMapping } from '@sluice/model';
import type { OAuthClient, OrganizationStore } from '@sluice/store';

/** A client and its secret in the clear; undefined where the client is gone. */
export type HeldClient = { readonly client: OAuthClient; readonly secret: string } | undefined;

/** WSO2's `ApplicationKey`. The secret is shown, as in WSO2: only the application's owner gets here. */
export function keyView(mapping: KeyMapping, held: HeldClient): JsonObject {
  return {
    keyMappingId: mapping.id,
    keyManager: mapping.keyManager,
    consumerKey: mapping.consumerKey,
    consumerSecret: held?.secret ?? '',
    supportedGrantTypes: [...(held?.client.grantTypes ?? [])],
    callbackUrl: held?.client.callbackUrl ?? '',
    keyState: mapping.state,
    keyType: mapping.keyType,
    mode: mapping.mode,
    additionalProperties: { ...mapping.properties },
  };
}

/** All keys of an application. */
export async function keyViews(
  organization: OrganizationStore,
  keyManager: Pick<KeyManager, 'clients'>,
  application: Pick<Application, 'id'>,
): Promise<JsonObject[]> {
  const mappings = await organization.keyMappings.list(application.id);
  return Promise.all(
    mappings.map(async (mapping) =>
      keyView(mapping, await keyManager.clients.get(organization.organization, mapping.consumerKey)),
    ),
  );
}

/** WSO2's `ApplicationToken`. */
export function tokenView(token: { accessToken: string; scopes: string[]; validitySeconds: number }): JsonObject {
  return { accessToken: token.accessToken, tokenScopes: token.scopes, validityTime: token.validitySeconds };
}
