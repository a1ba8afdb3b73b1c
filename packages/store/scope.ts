import type { EndpointSecrets } from '@sluice/model';
import { apiRepository } from './repositories/apis.ts';
import { applicationRepository } from './repositories/applications.ts';
import { artifactRepository } from './repositories/artifacts.ts';
import { clientRepository } from './repositories/clients.ts';
import { customRuleRepository } from './repositories/custom-rules.ts';
import { denyPolicyRepository } from './repositories/deny-policies.ts';
import { deploymentRepository } from './repositories/deployments.ts';
import { environmentRepository } from './repositories/environments.ts';
import { feedReader } from './repositories/feed-reader.ts';
import { feedWriter } from './repositories/feed-writer.ts';
import { keyMappingRepository } from './repositories/key-mappings.ts';
import { namedValues } from './repositories/named-values.ts';
import { planRepository } from './repositories/plans.ts';
import { revisionRepository } from './repositories/revisions.ts';
import { revocationRepository } from './repositories/revocations.ts';
import { sharedEndpointRepository } from './repositories/shared-endpoints.ts';
import { signingKeyRepository } from './repositories/signing-keys.ts';
import { subscriptionRepository } from './repositories/subscriptions.ts';
import { userRepository } from './repositories/users.ts';
import type { Session } from './session.ts';
import type { FeedReader, OrganizationStore, StoreTransaction, SystemStore } from './store.ts';
import { TenantSession } from './tenant.ts';

/** The repositories over one session: the store's own, or a transaction's. */
export function scope(session: Session, watch: FeedReader['watch'], secrets?: EndpointSecrets): StoreTransaction {
  return { organization: (name) => organizationStore(session, name, secrets), system: systemStore(session, watch) };
}

function organizationStore(
  session: Session,
  organization: string,
  secrets: EndpointSecrets | undefined,
): OrganizationStore {
  const tenant = new TenantSession(session, organization);
  return {
    organization,
    apis: apiRepository(tenant, secrets),
    revisions: revisionRepository(tenant, secrets),
    deployments: deploymentRepository(tenant),
    applications: applicationRepository(tenant),
    keyMappings: keyMappingRepository(tenant),
    subscriptions: subscriptionRepository(tenant),
    plans: planRepository(tenant),
    denyPolicies: denyPolicyRepository(tenant),
    customRules: customRuleRepository(tenant),
    sharedEndpoints: sharedEndpointRepository(tenant, secrets),
    environments: environmentRepository(tenant),
    users: userRepository(tenant),
    clients: clientRepository(tenant),
    feed: feedWriter(session, organization),
  };
}

function systemStore(session: Session, watch: FeedReader['watch']): SystemStore {
  return {
    signingKeys: signingKeyRepository(session),
    artifacts: artifactRepository(session),
    revocations: revocationRepository(session),
    feed: feedReader(session, watch),
    values: namedValues(session),
  };
}
