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
/** Bytes that are read in search of the end of the header. */
const mostRead = 256 * 1024;
const deepest = 64;
const mostAttributes = 256;
const longestName = 4096;

/** Reads the header of a SOAP message as its bytes come; what follows the header is not looked at, and neither is a message that is no XML. */
export class SoapSessionReader {
  readonly found: SoapSession = {};
  readonly #decoder = new StringDecoder('utf8');
  readonly #parser = new SaxesParser({ xmlns: true });
  #read = 0;
  #depth = 0;
  /** Of the element that is read. */
  #attributes = 0;
  #member: keyof SoapSession | null = null;
  #text = '';
  /** Nothing further is to be found. */
  #over = false;

  constructor() {
    this.#parser.on('error', stop);
    this.#parser.on('doctype', stop);
    this.#parser.on('attribute', () => {
      if (++this.#attributes > mostAttributes) stop();
    });
    this.#parser.on('opentag', ({ local, uri }) => {
      if (++this.#depth > deepest || (this.#depth === 2 && local === 'Body')) stop();
      this.#attributes = 0;
      this.#text = '';
      if (uri === synapse && local === 'ClientID') this.#member = 'client';
      else this.#member = uri === axis2 && local === 'ServiceGroupId' ? 'serviceGroup' : null;
    });
    this.#parser.on('text', (text) => {
      if (this.#member !== null && this.#text.length < longestName) this.#text += text;
    });
    this.#parser.on('closetag', () => {
      this.#depth--;
      if (this.#member !== null) this.found[this.#member] ??= this.#text.trim();
      this.#member = null;
    });
  }

  /** False when it need not see any more. */
  write(bytes: Buffer): boolean {
    if (this.#over) return false;
    const looked = bytes.subarray(0, mostRead - this.#read);
    this.#read += looked.length;
    try {
      this.#parser.write(this.#decoder.write(looked));
    } catch {
      // The end of the header, or not well-formed: the backend will say what it thinks of that.
      this.#over = true;
    }
    if (this.#read >= mostRead) this.#over = true;
    return !this.#over;
  }
}

/** Leaves the parser at once: it would go on to the end of what it was given. */
function stop(): never {
  throw new Error('nothing further is looked for');
}

/** Whether a body of that media type may be a SOAP message. */
export function maybeSoap(contentType: string | undefined): boolean {
  return contentType?.toLowerCase().includes('xml') === true;
}
