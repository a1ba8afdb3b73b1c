export type { DevportalSettings } from './devportal/settings.ts';
export type { GatewayCredentials } from './feed/admit.ts';
export type { FetchProxyOptions } from './fetch/index.ts';
export type { PlanSettings } from './plans/offered.ts';
export type { ConfiguredEnvironment } from './seed/environments.ts';
export { type SeedOptions, seedOrganization } from './seed/organization.ts';
export { type ListenAddress, ListenError } from './server/listen.ts';
export {
  type ControlPlane,
  type ControlPlaneLimits,
  type ControlPlaneOptions,
  createControlPlane,
  type TlsIdentity,
} from './server.ts';
export { type SourcedReport, sharedIn, timeoutReports } from './timeouts/report.ts';
export { endpointWarnings } from './timeouts/warn.ts';
