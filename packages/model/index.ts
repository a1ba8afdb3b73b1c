export type * from './api.ts';
export type * from './application.ts';
export { formatAuthType, parseAuthType } from './auth-type.ts';
export type {
  CallStory,
  StayReason,
  StoryAttempt,
  StoryDeadline,
  StoryDesk,
  StoryEndpoint,
  StoryError,
  StoryFault,
  StoryPage,
  StoryQuery,
} from './call-story.ts';
export { defaultCors } from './cors.ts';
export {
  backendTimeouts,
  type DeadlineLevels,
  type DeadlineValue,
  deadlineValue,
  type GatewayDeadlines,
  leafDuration,
  usualDeadlines,
} from './deadlines/effective.ts';
export {
  apiOrders,
  describeOrder,
  type Ladder,
  type OrderFinding,
  type ResolveShared,
  type Rung,
  type TimeoutReport,
  timeoutReport,
} from './deadlines/ladder.ts';
export { type DeadlineOrder, deadlineOrders } from './deadlines/orders.ts';
export { type DeadlineName, type DeadlineRow, deadlineNames, deadlines } from './deadlines/table.ts';
export type { ApiTimeouts, DurationExpression, EndpointTimeouts } from './deadlines/timeouts.ts';
export type * from './endpoint.ts';
export { endpointDoubts } from './endpoints/doubts.ts';
export { formatEndpointConfig } from './endpoints/format.ts';
export { type EndpointContext, type ParsedEndpoints, parseEndpointConfig } from './endpoints/parse.ts';
export {
  clearSecretsOnly,
  type EndpointSecrets,
  endpointSecrets,
  holdsClearSecrets,
  isEndpointSecret,
  objectText,
} from './endpoints/secrets.ts';
export {
  readSharedEndpoint,
  referencesOf,
  resolveReference,
  type SharedEndpoint,
  type SharedEndpointDraft,
} from './endpoints/shared.ts';
export { shownUrl } from './endpoints/url.ts';
export {
  hasVariableHost,
  readVariables,
  type UrlVariable,
  unknownVariable,
  type VariableText,
  withoutEncoding,
} from './endpoints/variables.ts';
export type * from './environment.ts';
export { type ErrorName, errors } from './errors/catalogue.ts';
export { describeError, type ErrorArguments, type ErrorEntry, SluiceError } from './errors/entry.ts';
export {
  phaseName,
  readingsOf,
  synapseCodes,
} from './errors/synapse-codes.ts';
export { describeFinding, type Finding } from './finding.ts';
export { type HostPattern, hostPattern } from './host-pattern.ts';
export type * from './json.ts';
export {
  availableTransitions,
  type ChecklistItem,
  checklistItems,
  type LifecycleTransition,
  lifecycleChecklist,
  lifecycleTitle,
  parseChecklist,
  transition,
} from './lifecycle.ts';
export { type Log, type LogFields, silentLog } from './log.ts';
export type { MockAnswer } from './mocks/answers.ts';
export { applyOperations, type DescribedApi, definitionFor } from './openapi/apply.ts';
export { type DefinitionSettings, settingsOf } from './openapi/extensions.ts';
export { operationsOf } from './openapi/operations.ts';
export { maxDefinitionBytes, readDefinition } from './openapi/read.ts';
export { scopesOf } from './openapi/scopes.ts';
export { endpointConfigOf, type PublicAddress, portalDefinition } from './openapi/servers.ts';
export {
  type DefinitionInfo,
  type DefinitionReport,
  type ValidationLimits,
  validateDefinition,
} from './openapi/validate.ts';
export { type DefinitionVersion, versionOf } from './openapi/version.ts';
export { describeOrigin, type Origin } from './origin.ts';
export { Pattern } from './pattern/pattern.ts';
export { PatternError } from './pattern/pattern-error.ts';
export type * from './plan.ts';
export { basePathOf, type DeployedApiDefaults, defaultBasePathOf, deployedApi } from './runtime/deployed-api.ts';
export {
  type EndpointDesk,
  type EndpointQuery,
  type EndpointState,
  type EndpointStatus,
  endpointStatuses,
} from './runtime/endpoint-state.ts';
export { packGraphqlSchema, unpackGraphqlSchema } from './runtime/graphql-schema.ts';
export { mockedApi } from './runtime/mocked-api.ts';
export {
  type BackendLimit,
  type DeployedApi,
  type FeedEvent,
  FeedGapError,
  type FeedSnapshot,
  type FeedSource,
  type RuntimeApplication,
  type RuntimeEntities,
  type RuntimeEntry,
  type RuntimeIssuer,
  type RuntimeKey,
  type RuntimeKind,
  type RuntimeOperation,
  type RuntimeRevocation,
  type RuntimeSubscription,
} from './runtime.ts';
export { createSeal, type Seal, SealError } from './seal.ts';
export type { CounterDesk, CounterHolder, CounterQuery, CounterState } from './throttling/counter-state.ts';
export type { CustomRule } from './throttling/custom-rule.ts';
export type { DenyCondition, DenyPolicy } from './throttling/deny-policy.ts';
export { type CustomRuleDraft, customRuleView, readCustomRule } from './throttling/policies/custom-rule.ts';
export { denyValue, readDenyCondition } from './throttling/policies/deny-condition.ts';
export {
  exportedPolicyType,
  exportedPolicyView,
  type PolicyKind,
  readExportedPolicy,
} from './throttling/policies/exported.ts';
export { type PlanDraft, planView, readPlan } from './throttling/policies/plan.ts';
export { seededPlans } from './throttling/seeded-plans.ts';
export { readSiddhiQuery } from './throttling/siddhi/read-query.ts';
export type { RuleAttribute, RuleCondition, RuleValue, ThrottleRule } from './throttling/siddhi/rule.ts';
export { SiddhiError, understoodSiddhi } from './throttling/siddhi/siddhi-error.ts';
export { type Principal, qualifiedUser, superOrganization, type User } from './user.ts';
export { WsdlAddressError, wsdlAddress } from './wsdl/address.ts';
