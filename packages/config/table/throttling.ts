import { duration, flag, none, open, secret, text } from '../setting.ts';

/** `[apim.throttling]`. */
export const throttlingSettings = {
  'apim.throttling.enable_blacklist_condition': flag(true, 'Applies deny policies.', {
    aliases: ['apim.throttling.enable_deny_policies'],
  }),
  'apim.throttling.enable_header_based_throttling': flag(
    false,
    'Lets conditions of advanced plans tell calls apart by headers. Without it such a condition is not met.',
  ),
  'apim.throttling.enable_jwt_claim_based_throttling': flag(
    false,
    'Lets conditions of advanced plans tell calls apart by claims of their tokens. Without it such a condition is not met.',
  ),
  'apim.throttling.enable_query_param_based_throttling': flag(
    false,
    'Lets conditions of advanced plans tell calls apart by query parameters. Without it such a condition is not met.',
  ),
  'apim.throttling.enable_persistence': flag(
    true,
    'Keeps the counters of open windows in the home, so that a restart does not hand out a quota twice.',
  ),
  'apim.throttling.enable_unlimited_tier': flag(
    true,
    'Offers the plan Unlimited to subscriptions and applications. Who has it keeps it; operations without a plan of their own are not touched.',
  ),
  ...none('advanced plans and custom rules always apply; the tiers of old versions are no more', {
    'apim.throttling.enable_advanced_throttling': flag(true, 'Plans with conditions and custom policies.', {
      formerly: ['api-manager.xml EnableAdvanceThrottling'],
    }),
  }),
  ...none('plans bound calls, not how many APIs an organization may have', {
    'apim.api_quota_limit.*': open('Limit on the number of APIs.'),
  }),
  ...none('gateways decide on quotas themselves; there is no traffic manager, no event stream and no message broker', {
    'apim.throttling.enable_data_publishing': flag(true, 'Sends an event for every call.'),
    'apim.throttling.enable_policy_deploy': flag(true, 'Hands policies to the traffic manager.', {
      aliases: ['apim.throttling.enable_policy_deployment'],
    }),
    'apim.throttling.enable_policy_recreation_on_startup': flag(true, 'Writes them again at each start.'),
    'apim.throttling.enable_decision_connection': flag(true, 'Listens for decisions.'),
    'apim.throttling.sequential_failover_from_beginning': flag(false, 'Order of receivers after a failure.'),
    'apim.throttling.event_type': text('Binary', 'Protocol of events.'),
    'apim.throttling.decision_connection_type': text(undefined, 'Broker of decisions.'),
    'apim.throttling.service_url': text(undefined, 'Admin service address of the traffic manager.'),
    'apim.throttling.username': text(undefined, 'User of that service.'),
    'apim.throttling.password': secret(undefined, 'Password of that user.'),
    'apim.throttling.receiver_username': text(undefined, 'User of the event receiver.'),
    'apim.throttling.receiver_password': secret(undefined, 'Password of that user.'),
    'apim.throttling.throttle_decision_endpoints': open('AMQP addresses of decisions.'),
    'apim.throttling.publisher.*': open('Pool that sends events.'),
    'apim.throttling.publisher.keep_alive_time': duration('s', 200, 'Rest after which a thread of that pool ends.'),
    'apim.throttling.url_group[].*': open('Receivers of events.'),
    'apim.throttling.policy_deploy.*': open('User and tenants of that hand-over.'),
    'apim.throttling.blacklist_condition.start_delay': duration('s', 300, 'Wait before deny policies are loaded.'),
    'apim.throttling.blacklist_condition.period': duration('s', 3600, 'How often they are loaded again.'),
    'apim.throttling.jms.start_delay': duration('s', 300, 'Wait before decisions are listened for.'),
    'apim.throttling.jms.password': secret(undefined, 'Password of that connection.'),
    'apim.throttling.jms.*': open('Connection for decisions.'),
    'apim.throttling.event_sync.*': open('Address at which traffic managers share counters.'),
    'apim.throttling.event_management.*': open('Address at which traffic managers talk.'),
    'event_processor.*': open('The event processor of the traffic manager.'),
    'output_adapter.*': open('Adapters of the event processor.'),
    'broker.*': open('The message broker.'),
    'qpid.*': open('The AMQP part of the message broker.'),
  }),
};
