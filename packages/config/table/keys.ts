import { duration, flag, integer, later, list, none, open, secret, text } from '../setting.ts';
import { httpUrl } from './forms.ts';

const lifetime = { range: [-1, 2_147_483_647] as const, special: { value: -1, means: 'never expires' } };
const grant = (name: string) => `The grant type ${name}.`;

/** The key manager: `[apim.key_manager]`, `[apim.oauth_config]`, `[oauth.*]`. */
export const keySettings = {
  'oauth.token_validation.app_access_token_validity': duration(
    's',
    3600,
    'Lifetime of an access token that an application gets for itself.',
    {
      ...lifetime,
      aliases: ['apim.oauth_config.expires_in'],
      formerly: ['identity.xml AccessTokenDefaultValidityPeriod'],
    },
  ),
  'oauth.token_validation.user_access_token_validity': duration(
    's',
    3600,
    'Lifetime of an access token that stands for a user.',
    {
      ...lifetime,
      formerly: ['identity.xml UserAccessTokenDefaultValidityPeriod'],
    },
  ),
  'oauth.token_validation.refresh_token_validity': duration('s', 86_400, 'Lifetime of a refresh token.', {
    ...lifetime,
    formerly: ['identity.xml RefreshTokenValidityPeriod'],
  }),
  'apim.oauth_config.allowed_scopes': list(
    ['^device_.*', 'openid'],
    'Scopes that anybody is granted, as names or patterns.',
    {
      aliases: ['oauth.allowed_scopes'],
      formerly: ['api-manager.xml ScopeWhitelist'],
    },
  ),
  'oauth.grant_type.password.enable': flag(true, grant('password')),
  'oauth.grant_type.client_credentials.enable': flag(true, grant('client_credentials')),
  'oauth.grant_type.refresh_token.enable': flag(true, grant('refresh_token')),
  'service_provider.sp_name_regex': text(
    '^[\\sa-zA-Z0-9._-]*$',
    'Pattern that the name of an OAuth client must match.',
  ),
  ...later('further grant types', {
    'oauth.token_validation.authorization_code_validity': duration('s', 300, 'Lifetime of an authorization code.', {
      formerly: ['identity.xml AuthorizationCodeDefaultValidityPeriod'],
    }),
    'oauth.grant_type.authorization_code.enable': flag(true, grant('authorization_code')),
    'oauth.grant_type.client_credentials.allow_refresh_tokens': flag(false, 'Gives a refresh token to applications.'),
    'oauth.grant_type.client_credentials.allow_id_token': flag(false, 'Gives an ID token to applications.'),
    'oauth.grant_type.password.allow_public_client': flag(true, 'Takes clients without a secret.'),
    'oauth.grant_type.authorization_code.allow_public_client': flag(true, 'Takes clients without a secret.'),
    'oauth.grant_type.refresh_token.allow_public_client': flag(true, 'Takes clients without a secret.'),
    'oauth.grant_type.client_credentials.allow_public_client': flag(false, 'Takes clients without a secret.'),
    'oauth.grant_type.saml_bearer.enable': flag(true, grant('saml2-bearer')),
    'oauth.grant_type.jwt_bearer.enable': flag(true, grant('jwt-bearer')),
    'oauth.grant_type.iwa_ntlm.enable': flag(true, grant('iwa:ntlm')),
    'oauth.grant_type.token_exchange.enable': flag(true, grant('token-exchange')),
    'oauth.grant_type.token_exchange.allow_refresh_tokens': flag(true, 'Gives a refresh token for an exchanged one.'),
    'oauth.grant_type.token_exchange.iat_validity_period': duration(
      's',
      3600,
      'Age up to which a foreign token is taken.',
    ),
    'oauth.grant_type.uma_ticket.enable': flag(false, grant('uma-ticket')),
    'oauth.grant_type.account_switch.enable': flag(false, grant('account_switch')),
    'oauth.grant_type.implicit.enable': flag(true, grant('implicit')),
    'oauth.grant_type.device_code.enable': flag(true, grant('device_code')),
    'oauth.grant_type.*': open('Classes and further switches of grant types.'),
    'oauth.custom_grant_type[].*': open('Grant types made of classes.'),
    'oauth.prompt_consent': flag(true, 'Asks users before a client gets their data.'),
    'oauth.revoked_token_headers_in_response.enable': flag(false, 'Names revoked tokens in response headers.'),
    'oauth.multiple_client_secrets.enable': flag(true, 'Lets a client have several secrets.'),
    'oauth.callback.enforce_literal_characters': flag(true, 'Compares callback addresses character by character.'),
    'oauth.introspect.allow_cross_tenant': flag(true, 'Lets one organization look at tokens of another.'),
    'oauth.add_tenant_domain_to_access_token': flag(true, 'Adds the organization to tokens.'),
    'oauth.dcr.*': open('Who may register clients.'),
    'oauth.endpoints.*': open('Addresses announced by discovery.'),
    'oauth.scope_validator.*': open('Checks of scopes by classes or policies.'),
    'oauth.enable_legacy_session_bound_token_behaviour': flag(
      true,
      'Binds tokens to sessions as earlier releases did.',
    ),
    'oauth.allow_session_bound_tokens_after_idle_session_expiry': flag(
      false,
      'Keeps such tokens after the session ended.',
    ),
    'authentication.*': open('Sign-in steps, consent and provisioning of the identity server.'),
    'service_provider.*': open('Further rules for OAuth clients.'),
  }),
  ...none('access tokens are signed JWTs; the database keeps what is needed to refuse a revoked one', {
    'apim.oauth_config.enable_token_encryption': flag(false, 'Seals tokens in the database.'),
    'apim.oauth_config.enable_token_hashing': flag(false, 'Hashes tokens in the database.'),
    'apim.oauth_config.enable_revoke_token_cleanup': flag(true, 'Forgets revoked tokens after they expired.'),
    'apim.oauth_config.enable_jwt_for_portals': flag(true, 'Gives JWTs to the portals.'),
    'oauth.token_persistence.enable': flag(false, 'Writes every token into the database.'),
    'oauth.token_cleanup.*': open('Removal of old tokens.'),
    'oauth.extensions.*': open('Classes that issue tokens.'),
    'apim.hashing.hashing_algorithm': text('SHA-256', 'Algorithm of those hashes.'),
  }),
  ...none('addresses follow from `server.hostname` and the ports', {
    'apim.oauth_config.revoke_endpoint': text(undefined, 'Address at which tokens are revoked.', { form: httpUrl }),
    'apim.oauth_config.token_endpoint_context': text(
      '/token',
      'Path of the token address on the ports of the gateway.',
    ),
    'apim.oauth_config.revoke_endpoint_context': text(
      '/revoke',
      'Path of the revocation address on the ports of the gateway.',
    ),
    'apim.idp.*': open('Addresses of the sign-in service.'),
  }),
  ...later('certificate-bound tokens', {
    'apim.oauth_config.enable_certificate_bound_access_token': flag(
      false,
      'Ties a token to the certificate of the client.',
    ),
  }),
  ...later('key manager options', {
    'apim.oauth_config.default_app_scope': text('am_application_scope', 'Scope of tokens that asked for none.'),
    'apim.oauth_config.remove_outbound_auth_header': flag(true, 'Older opposite of `enable_outbound_auth_header`.'),
    'apim.key_manager.enable_lightweight_apikey_generation': flag(true, 'Leaves subscriptions out of API keys.'),
    'apim.key_manager.enable_provisioned_app_validation': flag(true, 'Checks clients that were brought along.'),
    'apim.key_manager.enable_application_scopes_for_resident_km': flag(
      false,
      'Scopes of applications in the built-in key manager.',
    ),
    'apim.key_manager.allow_subscription_validation_disabling': flag(true, 'Lets APIs do without subscriptions.'),
    'apim.key_manager.skip_create_resident_key_manager': flag(false, 'Leaves the built-in key manager out.'),
    'apim.jwt_authenitcation.subscription_validation_via_km': flag(
      true,
      'Checks subscriptions of tokens of other key managers.',
      {
        aliases: ['apim.jwt_authentication.subscription_validation_via_km'],
      },
    ),
    'apim.jwt_authenitcation.*': open('Further switches of token checks.'),
    'apim.token.validation.*': open('Further switches of token checks.'),
  }),
  ...none('the key manager runs inside the control plane and is called directly', {
    'apim.key_manager.enable': flag(true, 'The key manager.'),
    'apim.key_manager.service_url': text(undefined, 'Admin service address of the key manager.', {
      formerly: ['api-manager.xml APIKeyValidator/ServerURL'],
    }),
    'apim.key_manager.username': text(undefined, 'User of that service.'),
    'apim.key_manager.password': secret(undefined, 'Password of that user.'),
    'apim.key_manager.type': text('default', 'Kind of the key manager.'),
    'apim.key_manager.pool.max_idle': integer(100, 'Most resting clients of it.'),
    'apim.key_manager.pool.init_idle_capacity': integer(50, 'Clients made at the start.'),
    'apim.key_manager.key_validation_handler_type': text('default', 'Which class checks keys.'),
    'apim.key_manager.key_validation_handler_impl': text(undefined, 'That class.'),
    'apim.key_manager.disable_retrieve_key_mapping': flag(false, 'Leaves key mappings out.'),
    'apim.key_manager.enable_registration': flag(true, 'Registers the key manager.'),
    'apim.key_manager.enable_retriever': flag(true, 'Loads key managers.'),
    'apim.auth_manager.*': open('Admin service that proves users.'),
    'apim.basic_authenticator.*': open('Pool of clients that prove users.'),
  }),
  ...none('a revocation travels on the feed and reaches every gateway within a second', {
    'apim.token.revocation.enable_realtime_notifier': flag(true, 'Tells gateways at once.'),
    'apim.token.revocation.realtime_notifier.ttl': duration('ms', 5000, 'Lifetime of that message.'),
    'apim.token.revocation.enable_persistent_notifier': flag(false, 'Writes revocations to etcd.'),
    'apim.token.revocation.persistent_notifier.password': secret(undefined, 'Password for etcd.'),
    'apim.token.revocation.*': open('Class and etcd address of the notifier.'),
    'event_listener.*': open('Listeners of the identity server, the one for revocations among them.'),
    'event_handler.*': open('Handlers of the identity server.'),
  }),
};
