import type { Columns } from './columns.ts';
import type { Migration } from './migrate.ts';
import { createTable, type TableDefinition } from './table.ts';

/** All tables of the first version. What a tenant owns leads with its organization in every key, and refers only to rows of the same one. */
export const firstTables: Migration = {
  name: 'first tables',
  statements: (columns) => [
    ...[...tenantTables(columns), ...systemTables(columns)].flatMap(createTable),
    'insert into feed_head (id, sequence, floor) values (1, 0, 0)',
  ],
};

function tenantTables({ key, text, integer, bytes }: Columns): TableDefinition[] {
  const organization = key('organization', 255);
  const id = key('id', 64);
  const apiId = key('api_id', 64);
  const applicationId = key('application_id', 64);
  const ofApi = (table: string, removed: 'cascade' | 'restrict' = 'cascade') =>
    ({
      name: `${table}_api`,
      columns: ['organization', 'api_id'],
      table: 'api',
      to: ['organization', 'id'],
      removed,
    }) as const;
  const ofApplication = (table: string) =>
    ({
      name: `${table}_application`,
      columns: ['organization', 'application_id'],
      table: 'application',
      to: ['organization', 'id'],
      removed: 'cascade',
    }) as const;

  return [
    {
      name: 'api',
      columns: {
        organization,
        id,
        name_key: key('name_key', 255),
        version_key: key('version_key', 64),
        context_key: key('context_key', 255),
        provider_key: key('provider_key', 255),
        type_key: key('type_key', 32),
        status: key('status', 32),
        visibility: key('visibility', 32),
        access_control: key('access_control', 32),
        description_key: text,
        created_time: integer,
        updated_time: integer,
        last_revision: integer,
        has_thumbnail: integer,
        document: text,
      },
      primary: ['api_id', ['organization', 'id']],
      unique: [
        ['api_name_version', ['organization', 'name_key', 'version_key']],
        ['api_context_version', ['organization', 'context_key', 'version_key']],
      ],
      indexes: [['api_created', ['organization', 'created_time', 'id']]],
    },
    {
      name: 'api_label',
      columns: {
        organization,
        api_id: apiId,
        position: integer,
        kind: key('kind', 32),
        name_key: text,
        value_key: text,
      },
      primary: ['api_label', ['organization', 'api_id', 'position']],
      references: [ofApi('api_label')],
    },
    {
      name: 'api_definition',
      columns: { organization, api_id: apiId, definition: text },
      primary: ['api_definition', ['organization', 'api_id']],
      references: [ofApi('api_definition')],
    },
    {
      name: 'api_thumbnail',
      columns: { organization, api_id: apiId, media_type: key('media_type', 255), bytes },
      primary: ['api_thumbnail', ['organization', 'api_id']],
      references: [ofApi('api_thumbnail')],
    },
    {
      name: 'api_history',
      columns: { organization, api_id: apiId, position: integer, document: text },
      primary: ['api_history', ['organization', 'api_id', 'position']],
      references: [ofApi('api_history')],
    },
    {
      name: 'revision',
      columns: { organization, id, api_id: apiId, number: integer, document: text, definition: text },
      primary: ['revision_id', ['organization', 'id']],
      unique: [
        ['revision_number', ['organization', 'api_id', 'number']],
        // For the reference from deployments: a deployment's revision is one of its own API.
        ['revision_of_api', ['organization', 'api_id', 'id']],
      ],
      references: [ofApi('revision')],
    },
    {
      name: 'deployment',
      columns: {
        organization,
        api_id: apiId,
        environment: key('environment', 255),
        revision_id: key('revision_id', 64),
        document: text,
      },
      primary: ['deployment', ['organization', 'api_id', 'environment']],
      indexes: [
        ['deployment_environment', ['organization', 'environment']],
        ['deployment_revision_id', ['organization', 'api_id', 'revision_id']],
      ],
      references: [
        ofApi('deployment'),
        {
          name: 'deployment_revision',
          columns: ['organization', 'api_id', 'revision_id'],
          table: 'revision',
          to: ['organization', 'api_id', 'id'],
          removed: 'restrict',
        },
      ],
    },
    {
      name: 'application',
      columns: {
        organization,
        id,
        name_key: key('name_key', 255),
        owner_key: key('owner_key', 255),
        plan: key('plan', 255),
        status: key('status', 32),
        document: text,
      },
      primary: ['application_id', ['organization', 'id']],
      unique: [['application_owner_name', ['organization', 'owner_key', 'name_key']]],
    },
    {
      name: 'application_group',
      columns: { organization, application_id: applicationId, group_name: key('group_name', 255) },
      primary: ['application_group', ['organization', 'group_name', 'application_id']],
      indexes: [['application_group_application', ['organization', 'application_id']]],
      references: [ofApplication('application_group')],
    },
    {
      name: 'key_mapping',
      columns: {
        organization,
        id,
        application_id: applicationId,
        key_type: key('key_type', 32),
        key_manager: key('key_manager', 255),
        consumer_key: key('consumer_key', 255),
        document: text,
      },
      primary: ['key_mapping_id', ['organization', 'id']],
      unique: [
        ['key_mapping', ['organization', 'application_id', 'key_type', 'key_manager']],
        ['consumer_key', ['organization', 'consumer_key']],
      ],
      references: [ofApplication('key_mapping')],
    },
    {
      name: 'subscription',
      columns: {
        organization,
        id,
        api_id: apiId,
        application_id: applicationId,
        subscriber_key: key('subscriber_key', 255),
        created_time: integer,
        document: text,
      },
      primary: ['subscription_id', ['organization', 'id']],
      unique: [['subscription', ['organization', 'application_id', 'api_id']]],
      indexes: [
        ['subscription_api_id', ['organization', 'api_id']],
        ['subscription_subscriber', ['organization', 'subscriber_key']],
      ],
      references: [ofApi('subscription', 'restrict'), ofApplication('subscription')],
    },
    {
      name: 'plan',
      columns: { organization, id, kind: key('kind', 32), name: key('name', 255), document: text },
      primary: ['plan_id', ['organization', 'id']],
      unique: [['plan_name', ['organization', 'kind', 'name']]],
    },
    {
      name: 'environment',
      columns: { organization, id, name: key('name', 255), document: text },
      primary: ['environment_name', ['organization', 'name']],
      unique: [['environment_id', ['organization', 'id']]],
    },
    {
      name: 'account',
      columns: { organization, name_key: key('name_key', 255), document: text },
      primary: ['user_name', ['organization', 'name_key']],
    },
    {
      name: 'client',
      columns: { organization, client_id: key('client_id', 255), name: key('name', 255), document: text },
      primary: ['client_id', ['organization', 'client_id']],
      unique: [['client_name', ['organization', 'name']]],
    },
  ];
}

function systemTables({ key, text, integer }: Columns): TableDefinition[] {
  return [
    {
      // Written by tenants, read by gateways across all of them: its order is the installation's.
      name: 'event',
      columns: {
        sequence: integer,
        organization: key('organization', 255),
        environment: key('environment', 255),
        kind: key('kind', 32),
        entity_id: text,
        document: text,
      },
      nullable: ['environment', 'document'],
      primary: ['event_sequence', ['sequence']],
    },
    {
      // One row: the last sequence given, and the last forgotten. Its lock is what orders commits.
      name: 'feed_head',
      columns: { id: integer, sequence: integer, floor: integer },
      primary: ['feed_head', ['id']],
    },
    {
      name: 'signing_key',
      columns: { kid: key('kid', 255), created_time: integer, document: text },
      primary: ['signing_key', ['kid']],
    },
    {
      name: 'artifact',
      columns: {
        model: key('model', 64),
        id: key('id', 255),
        grant_id: key('grant_id', 255),
        user_code: key('user_code', 255),
        uid: key('uid', 255),
        consumed_time: integer,
        expires_at: integer,
        document: text,
      },
      nullable: ['grant_id', 'user_code', 'uid', 'consumed_time', 'expires_at'],
      primary: ['artifact', ['model', 'id']],
      indexes: [
        ['artifact_grant', ['grant_id']],
        ['artifact_user_code', ['model', 'user_code']],
        ['artifact_uid', ['model', 'uid']],
        ['artifact_expiry', ['expires_at']],
      ],
    },
    {
      name: 'revocation',
      columns: { token_id: key('token_id', 255), expires_at: integer },
      primary: ['revocation', ['token_id']],
      indexes: [['revocation_expiry', ['expires_at']]],
    },
    {
      name: 'named_value',
      columns: { name: key('name', 255), document: text },
      primary: ['named_value', ['name']],
    },
    {
      name: 'schema_version',
      columns: { version: integer, name: key('name', 255), applied_time: integer },
      primary: ['schema_version', ['version']],
    },
  ];
}
