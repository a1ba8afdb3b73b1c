export type * from './call.ts';
export { createListener, PortInUseError } from './listener.ts';
export type { Listener, ListenerOptions } from './options.ts';
