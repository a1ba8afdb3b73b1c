/** Roles that exist from the start (wso2-control-plane.md 1.7). */
export const builtInRoles = [
  'admin',
  'Internal/everyone',
  'Internal/creator',
  'Internal/publisher',
  'Internal/subscriber',
  'Internal/devops',
  'Internal/analytics',
  'Internal/observer',
  'Internal/integration_dev',
] as const;

type Role = (typeof builtInRoles)[number];

const creator: readonly Role[] = ['admin', 'Internal/creator'];
const publisher: readonly Role[] = ['admin', 'Internal/publisher'];
const makers: readonly Role[] = ['admin', 'Internal/creator', 'Internal/publisher'];
const observers: readonly Role[] = [...makers, 'Internal/observer'];
const viewers: readonly Role[] = [...observers, 'Internal/analytics'];
const subscriber: readonly Role[] = ['admin', 'Internal/subscriber'];
const consumers: readonly Role[] = ['admin', 'Internal/subscriber', 'Internal/devops'];
const devops: readonly Role[] = ['admin', 'Internal/devops'];
/** WSO2 leaves the admin out of the two listing scopes of integration developers. */
const integrators: readonly Role[] = ['Internal/integration_dev'];
const admin: readonly Role[] = ['admin'];

/** Every scope of the REST APIs and the roles that hold it: WSO2's tenant configuration `RESTAPIScopes`. */
export const roleScopes: Readonly<Record<string, readonly Role[]>> = {
  'apim:api_create': creator,
  'apim:api_delete': creator,
  'apim:ep_certificates_view': creator,
  'apim:ep_certificates_add': creator,
  'apim:ep_certificates_update': creator,
  'apim:ep_certificates_manage': creator,
  'apim:client_certificates_view': creator,
  'apim:client_certificates_add': creator,
  'apim:client_certificates_update': creator,
  'apim:client_certificates_manage': creator,
  'apim:mediation_policy_view': creator,
  'apim:mediation_policy_create': creator,
  'apim:mediation_policy_manage': creator,
  'apim:api_mediation_policy_manage': creator,
  'apim:threat_protection_policy_create': creator,
  'apim:threat_protection_policy_manage': creator,
  'apim:common_operation_policy_manage': creator,
  'apim:pub_alert_manage': creator,
  'apim:mcp_server_create': creator,
  'apim:mcp_server_delete': creator,
  'service_catalog:service_write': creator,

  'apim:api_publish': publisher,
  'apim:subscription_block': publisher,
  'apim:subscription_manage': publisher,
  'apim:monetization_usage_publish': publisher,
  'apim:mcp_server_publish': publisher,

  'apim:api_generate_key': makers,
  'apim:subscription_view': makers,
  'apim:tier_view': makers,
  'apim:document_create': makers,
  'apim:document_manage': makers,
  'apim:comment_view': makers,
  'apim:comment_write': makers,
  'apim:comment_manage': makers,
  'apim:llm_provider_read': makers,
  'apim:mcp_server_generate_key': makers,
  'service_catalog:service_view': makers,

  'apim:publisher_settings': observers,
  'apim:common_operation_policy_view': observers,
  'apim:gateway_policy_view': observers,
  'apim:gov_rule_read': observers,
  'apim:gov_policy_read': observers,
  'apim:gov_result_read': observers,
  'apim:api_view': viewers,
  'apim:mcp_server_view': viewers,
  'apim:throttling_policy_manage': [...makers, 'Internal/analytics'],

  'apim:app_update': subscriber,
  'apim:api_key': subscriber,
  'apim:store_settings': subscriber,
  'apim:sub_alert_manage': subscriber,
  'apim:subscribe': consumers,
  'apim:app_manage': consumers,
  'apim:sub_manage': consumers,

  'apim:app_import_export': devops,
  'apim:api_import_export': devops,
  'apim:api_product_import_export': devops,
  'apim:policies_import_export': devops,
  'apim:mcp_server_import_export': devops,

  'apim:api_list_view': integrators,
  'apim:api_definition_view': integrators,
  'apim:mcp_server_list_view': ['admin', ...integrators],

  'apim:api_manage': admin,
  'apim:tier_manage': admin,
  'apim:admin': admin,
  'apim:admin_settings': admin,
  'apim:admin_operations': admin,
  'apim:admin_tier_view': admin,
  'apim:admin_tier_manage': admin,
  'apim:bl_view': admin,
  'apim:bl_manage': admin,
  'apim:api_workflow_view': admin,
  'apim:api_workflow_approve': admin,
  'apim:app_owner_change': admin,
  'apim:app_settings_change': admin,
  'apim:admin_application_view': admin,
  'apim:label_manage': admin,
  'apim:label_read': admin,
  'apim:environment_manage': admin,
  'apim:environment_read': admin,
  'apim:keymanagers_manage': admin,
  'apim:api_category': admin,
  'apim:shared_scope_manage': admin,
  'apim:scope_manage': admin,
  'apim:role_manage': admin,
  'apim:tenantInfo': admin,
  'apim:tenant_theme_manage': admin,
  'apim:admin_alert_manage': admin,
  'apim:bot_data': admin,
  'apim:api_provider_change': admin,
  'apim:gateway_policy_manage': admin,
  'apim:llm_provider_manage': admin,
  'apim:gov_rule_manage': admin,
  'apim:gov_policy_manage': admin,
  'apim:mcp_server_manage': admin,

  // Declared in the API descriptions, bound to no role in WSO2's tenant configuration: given to the roles that hold their neighbours.
  'apim:organization_manage': admin,
  'apim:organization_read': admin,
  'apim:publisher_organization_read': observers,
  'apim:subscription_approval_view': publisher,
  'apim:subscription_approval_manage': publisher,
  'apim:dcr:app_manage': consumers,
};
