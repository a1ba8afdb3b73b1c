/**
 * The tables as Kysely sees them; `migrations/` makes them. What a tenant owns leads with `organization`.
 * Columns beside `document` are those that queries look at; the document is the whole noun. A `_key` column is folded (see `fold`).
 */
export interface Tables {
  api: ApiTable;
  api_label: ApiLabelTable;
  api_definition: { organization: string; api_id: string; definition: string };
  api_thumbnail: { organization: string; api_id: string; media_type: string; bytes: Uint8Array };
  api_history: ApiHistoryTable;
  revision: RevisionTable;
  deployment: DeploymentTable;
  application: ApplicationTable;
  application_group: { organization: string; application_id: string; group_name: string };
  key_mapping: KeyMappingTable;
  subscription: SubscriptionTable;
  plan: { organization: string; id: string; kind: string; name: string; document: string };
  deny_policy: { organization: string; id: string; condition_hash: string; document: string };
  custom_rule: { organization: string; id: string; name: string; document: string };
  shared_endpoint: { organization: string; id: string; name: string; document: string };
  environment: { organization: string; id: string; name: string; document: string };
  account: { organization: string; name_key: string; document: string };
  client: { organization: string; client_id: string; name: string; document: string };
  event: EventTable;
  feed_head: { id: number; sequence: number; floor: number };
  signing_key: { kid: string; created_time: number; document: string };
  artifact: ArtifactTable;
  revocation: { token_id: string; expires_at: number };
  named_value: { name: string; document: string };
  schema_version: { version: number; name: string; applied_time: number };
}

interface ApiTable {
  organization: string;
  id: string;
  name_key: string;
  version_key: string;
  context_key: string;
  provider_key: string;
  type_key: string;
  status: string;
  visibility: string;
  access_control: string;
  description_key: string;
  created_time: number;
  updated_time: number;
  /** The last revision number given; numbers are never used twice. */
  last_revision: number;
  has_thumbnail: number;
  document: string;
}

/** Lists of an API that searches look into. */
interface ApiLabelTable {
  organization: string;
  api_id: string;
  position: number;
  kind: 'tag' | 'category' | 'property' | 'publisher-role' | 'devportal-role';
  /** Folded name of a property, else blank. */
  name_key: string;
  value_key: string;
}

interface ApiHistoryTable {
  organization: string;
  api_id: string;
  position: number;
  document: string;
}

interface RevisionTable {
  organization: string;
  id: string;
  api_id: string;
  number: number;
  document: string;
  definition: string;
}

interface DeploymentTable {
  organization: string;
  api_id: string;
  environment: string;
  revision_id: string;
  document: string;
}

interface ApplicationTable {
  organization: string;
  id: string;
  name_key: string;
  owner_key: string;
  plan: string;
  status: string;
  document: string;
}

interface KeyMappingTable {
  organization: string;
  id: string;
  application_id: string;
  key_type: string;
  key_manager: string;
  consumer_key: string;
  document: string;
}

interface SubscriptionTable {
  organization: string;
  id: string;
  api_id: string;
  application_id: string;
  subscriber_key: string;
  created_time: number;
  document: string;
}

interface EventTable {
  sequence: number;
  organization: string;
  environment: string | null;
  kind: string;
  entity_id: string;
  document: string | null;
}

interface ArtifactTable {
  model: string;
  id: string;
  grant_id: string | null;
  user_code: string | null;
  uid: string | null;
  consumed_time: number | null;
  expires_at: number | null;
  document: string;
}
