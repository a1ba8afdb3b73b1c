export { isPublicAddress } from './address.ts';
export { type FetchedDocument, type FetchOptions, fetchDocument } from './fetch.ts';
