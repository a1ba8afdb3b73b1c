export { isPublicAddress } from './address.ts';
export { fetchDocument } from './fetch.ts';
