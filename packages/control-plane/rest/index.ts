export { createRestApp } from './app.ts';
export type { Description } from './description.ts';
export type { RestHandlers, RestRequest } from './handler.ts';
export { mountPortal } from './mount.ts';
