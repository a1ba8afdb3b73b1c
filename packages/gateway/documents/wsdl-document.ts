import { gunzipSync, gzipSync } from 'node:zlib';
import type { CompiledApi } from '../snapshot/api.ts';
import type { ApiAddresses } from './addresses.ts';
import { readdress, schemasOf, wsdlVersion } from './wsdl.ts';

/** Bytes of a WSDL document: anybody may ask for it to be written anew. */
const largest = 1024 * 1024;

/**
 * What `?wsdl`, `?wsdl2` (documents of WSDL 2.0 alone) or `?xsd` (`=xsd1` for the second schema, and so on) ask for, with the gateway's
 * addresses; undefined when the API's document has no such part.
 */
export function wsdlDocument(
  api: CompiledApi,
  item: string,
  value: string,
  addresses: ApiAddresses,
): string | undefined {
  const { wsdl } = api.source;
  if (wsdl === undefined) return undefined;
  const text = unpackWsdl(wsdl);
  if (item === 'xsd') return schemasOf(text)[Number(/^(?:xsd|schema)?(\d{1,3})/.exec(value)?.[1] ?? 0)];
  if (item === 'wsdl2' && wsdlVersion(text) !== '2.0') return undefined;
  const { https, http } = addresses;
  const any = https ?? http;
  if (any === undefined) return text;
  return readdress(text, (given) => (/^http:/i.test(given) ? (http ?? any) : any));
}

/** A WSDL document as it travels to the gateways. Throws an Error in words when it is too large, or none that can be served. */
export function packWsdl(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > largest) throw new Error(`it is larger than ${largest} bytes`);
  if (wsdlVersion(text) === undefined) throw new Error('its root is neither definitions nor description');
  return gzipSync(bytes).toString('base64');
}

function unpackWsdl(packed: string): string {
  return gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: largest }).toString('utf8');
}
