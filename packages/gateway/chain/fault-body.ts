import type { ErrorEntry } from '@sluice/model';
import type { RequestHead } from '../transport/call.ts';
import { escapeXml } from '../xml/escape.ts';

/** How the body of an error is written. */
export interface FaultForm {
  readonly kind: 'json' | 'xml' | 'soap';
  readonly contentType: string;
}

const json: FaultForm = { kind: 'json', contentType: 'application/json; charset=UTF-8' };
const xml: FaultForm = { kind: 'xml', contentType: 'application/xml; charset=UTF-8' };
const soap: FaultForm = { kind: 'soap', contentType: 'text/xml; charset=UTF-8' };

/** SOAP for SOAP requests, XML for clients that would rather have it, else JSON (wso2-gateway.md 2.6). */
export function chooseForm(head: RequestHead): FaultForm {
  const type = head.header('content-type')?.toLowerCase();
  if (type !== undefined) {
    if (type.startsWith('application/soap+xml')) return soap;
    if (type.startsWith('text/xml') && head.header('soapaction') !== undefined) return soap;
  }
  const accept = head.header('accept');
  return accept !== undefined && prefersXml(accept.toLowerCase()) ? xml : json;
}

/** Weights of RFC 9110 section 12.5.1. XML must be asked for by name; wildcards and ties mean JSON. */
function prefersXml(accept: string): boolean {
  if (!accept.includes('xml')) return false;
  let forXml = 0;
  let named: number | null = null;
  let forJson = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const q = weight === undefined ? 1 : Number(weight.slice(2));
    if (!(q >= 0 && q <= 1)) continue;
    if (type === 'application/xml' || type === 'text/xml') forXml = Math.max(forXml, q);
    else if (type === 'application/json') named = Math.max(named ?? 0, q);
    else if (type === 'application/*' || type === '*/*') forJson = Math.max(forJson, q);
  }
  return forXml > (named ?? forJson);
}

/**
 * The body. All members of the JSON form are strings, the code too, as WSO2 4.x writes it. `nextAccess` is the time from which on
 * calls pass again, where one is known.
 */
export function renderFault(
  form: FaultForm,
  entry: ErrorEntry,
  code: string,
  description: string,
  nextAccess?: string,
): string {
  if (form.kind === 'soap') return renderSoap(entry, description);
  const members: [string, string][] = [['code', code]];
  if (entry.type !== undefined) members.push(['type', entry.type]);
  if (entry.withoutMessage !== true) members.push(['message', entry.message]);
  members.push(['description', description]);
  if (nextAccess !== undefined) members.push(['nextAccessTime', nextAccess]);
  if (form.kind === 'json') return JSON.stringify(Object.fromEntries(members));
  const [prefix, space] = namespaceOf(entry);
  const children = members
    .map(([name, value]) => `<${prefix}:${name}>${escapeXml(value)}</${prefix}:${name}>`)
    .join('');
  return `<${prefix}:fault xmlns:${prefix}="${space}">${children}</${prefix}:fault>`;
}

/** SOAP 1.1 for 1.1 and 1.2 alike, as WSO2: `Client` when the caller is not let in, else `Server`. */
function renderSoap(entry: ErrorEntry, description: string): string {
  const security = isSecurityRow(entry);
  const throttled = isThrottlingRow(entry);
  const reason = security ? 'Authentication Failure' : throttled ? entry.message : description;
  const more = security ? `${entry.message.trimEnd()}: ${description}` : throttled ? description : '';
  const detail = more === '' ? '' : `<detail>${escapeXml(more)}</detail>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault>' +
    `<faultcode>soapenv:${security ? 'Client' : 'Server'}</faultcode><faultstring>${escapeXml(reason)}</faultstring>${detail}` +
    '</soapenv:Fault></soapenv:Body></soapenv:Envelope>'
  );
}

/** Each handler of WSO2 has a namespace of its own. */
function namespaceOf(entry: ErrorEntry): readonly [prefix: string, space: string] {
  if (isSecurityRow(entry)) return ['ams', 'http://wso2.org/apimanager/security'];
  if (isThrottlingRow(entry)) return ['amt', 'http://wso2.org/apimanager/throttling'];
  return ['am', 'http://wso2.org/apimanager'];
}

/** Rows of WSO2's throttling handler. */
function isThrottlingRow(entry: ErrorEntry): boolean {
  return entry.code >= 900800 && entry.code < 900820;
}

/** Rows of WSO2's authentication handler. */
function isSecurityRow(entry: ErrorEntry): boolean {
  return entry.code >= 900900 && entry.code <= 900925;
}
