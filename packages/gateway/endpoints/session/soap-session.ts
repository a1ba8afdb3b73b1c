import { StringDecoder } from 'node:string_decoder';
import { SaxesParser } from 'saxes';

/** What a SOAP message says about its session; undefined for nothing. */
export interface SoapSession {
  /** Value of Synapse's `ClientID`. */
  client?: string;
  /** Value of Axis2's `ServiceGroupId`: a header of requests, a reference parameter of `ReplyTo` in answers. */
  serviceGroup?: string;
}

const synapse = 'http://ws.apache.org/ns/synapse';
const axis2 = 'http://ws.apache.org/namespaces/axis2';
/** Characters that are read in search of the end of the header. */
const mostRead = 256 * 1024;
const deepest = 64;
const longestName = 4096;

/** Reads the header of a SOAP message as its bytes come; what follows the header is not looked at, and neither is a message that is no XML. */
export class SoapSessionReader {
  readonly found: SoapSession = {};
  readonly #decoder = new StringDecoder('utf8');
  readonly #parser = new SaxesParser({ xmlns: true });
  #read = 0;
  #depth = 0;
  #member: keyof SoapSession | null = null;
  #text = '';
  /** Nothing further is to be found. */
  #over = false;

  constructor() {
    const end = (): void => {
      this.#over = true;
    };
    this.#parser.on('error', end);
    this.#parser.on('doctype', end);
    this.#parser.on('opentag', ({ local, uri }) => {
      if (++this.#depth > deepest || (this.#depth === 2 && local === 'Body')) end();
      this.#text = '';
      if (uri === synapse && local === 'ClientID') this.#member = 'client';
      else this.#member = uri === axis2 && local === 'ServiceGroupId' ? 'serviceGroup' : null;
    });
    this.#parser.on('text', (text) => {
      if (this.#member !== null && this.#text.length < longestName) this.#text += text;
    });
    this.#parser.on('closetag', () => {
      this.#depth--;
      if (this.#member !== null && !this.#over) this.found[this.#member] ??= this.#text.trim();
      this.#member = null;
    });
  }

  /** False when it need not see any more. */
  write(bytes: Buffer): boolean {
    if (this.#over || this.#read > mostRead) return false;
    this.#read += bytes.length;
    try {
      this.#parser.write(this.#decoder.write(bytes));
    } catch {
      // Not well-formed: it has no session, and the backend will say what it thinks of it.
      this.#over = true;
    }
    return !this.#over;
  }
}

/** Whether a body of that media type may be a SOAP message. */
export function maybeSoap(contentType: string | undefined): boolean {
  return contentType?.toLowerCase().includes('xml') === true;
}
