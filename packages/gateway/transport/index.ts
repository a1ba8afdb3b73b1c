export type * from './call.ts';
export { createListener, PortInUseError } from './listener.ts';
export type { Limits, Listener, ListenerOptions, ListenerTls, PoolOptions, Timeouts } from './options.ts';
