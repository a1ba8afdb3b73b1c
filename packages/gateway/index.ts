export type { ProjectIssuer, ProjectSourceOptions } from './feed/projects.ts';
export { projectSource } from './feed/projects.ts';
export type { RemoteSourceOptions } from './feed/remote.ts';
export { remoteSource } from './feed/remote.ts';
export type { Gateway, GatewayStatistics } from './gateway.ts';
export { startGateway } from './gateway.ts';
export { defaultCors, type GatewayListener, type GatewayOptions } from './options.ts';
export { PortInUseError } from './transport/index.ts';
export type { Limits, ListenerTls, PoolOptions, Timeouts } from './transport/options.ts';
