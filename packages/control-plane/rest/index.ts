export { createRestApp } from './app.ts';
export { type Description, readDescription } from './description.ts';
export { faultOf } from './faults.ts';
export type { FormFile, RestHandler, RestHandlers, RestRequest, RestResponse } from './handler.ts';
export { MethodNotAllowed, type MountOptions, mountPortal } from './mount.ts';
export type { Portal } from './portal.ts';
