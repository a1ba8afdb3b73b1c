import { gunzipSync, gzipSync } from 'node:zlib';

/** Bytes of the longest schema of a GraphQL API. */
const longestSchema = 16 * 1024 * 1024;

/** A schema as it is stored and travels to the gateways: UTF-8, gzipped, in base64. */
export function packGraphqlSchema(text: string): string {
  return gzipSync(Buffer.from(text, 'utf8')).toString('base64');
}

/** The schema again. Throws for what is none, or is longer than 16 MiB. */
export function unpackGraphqlSchema(packed: string): string {
  return gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: longestSchema }).toString('utf8');
}
