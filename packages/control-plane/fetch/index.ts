export { isPublicAddress } from './address.ts';
export { fetchDocument } from './fetch.ts';
export { FetchProxy, type FetchProxyOptions } from './proxy.ts';
