import type { ErrorEntry } from '@sluice/model';
import type { RequestHead } from '../transport/call.ts';
import { escapeXml } from '../xml/escape.ts';

/** How the body of an error is written. */
export interface FaultForm {
  readonly kind: 'json' | 'xml' | 'soap-1.1' | 'soap-1.2';
  readonly contentType: string;
}

const json: FaultForm = { kind: 'json', contentType: 'application/json; charset=UTF-8' };
const xml: FaultForm = { kind: 'xml', contentType: 'application/xml; charset=UTF-8' };
const soap11: FaultForm = { kind: 'soap-1.1', contentType: 'text/xml; charset=UTF-8' };
const soap12: FaultForm = { kind: 'soap-1.2', contentType: 'application/soap+xml; charset=UTF-8' };

/**
 * SOAP for SOAP requests, XML for clients that would rather have it, else JSON (wso2-gateway.md 2.6). `isSoapApi`: whatever is XML there is
 * SOAP, also from clients that leave the header SOAPAction out.
 */
export function chooseForm(head: RequestHead, isSoapApi: boolean): FaultForm {
  const type = head.header('content-type')?.toLowerCase();
  if (type !== undefined) {
    const soap = soapForm(type, isSoapApi || head.header('soapaction') !== undefined);
    if (soap !== null) return soap;
  }
  const accept = head.header('accept');
  return accept !== undefined && prefersXml(accept.toLowerCase()) ? xml : json;
}

/** With attachments (SwA, MTOM) the envelope is a part, whose type stands in a parameter (RFC 2387, XOP section 4.1). */
function soapForm(type: string, isSoap: boolean): FaultForm | null {
  const envelope = type.startsWith('multipart/related') ? type : (type.split(';', 1)[0] ?? '');
  if (envelope.includes('application/soap+xml')) return soap12;
  return isSoap && envelope.includes('text/xml') ? soap11 : null;
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
  if (form.kind === 'soap-1.1' || form.kind === 'soap-1.2') return renderSoap(form.kind, entry, description);
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

/** The words are WSO2's: the sender is at fault when it is not let in, else the receiver. WSO2 writes SOAP 1.1 for callers of both versions. */
function renderSoap(version: 'soap-1.1' | 'soap-1.2', entry: ErrorEntry, description: string): string {
  const security = isSecurityRow(entry);
  const throttled = isThrottlingRow(entry);
  const reason = escapeXml(security ? 'Authentication Failure' : throttled ? entry.message : description);
  const more = escapeXml(security ? `${entry.message.trimEnd()}: ${description}` : throttled ? description : '');
  return version === 'soap-1.1' ? soapFault11(security, reason, more) : soapFault12(security, reason, more);
}

/** SOAP 1.1 section 4.4. */
function soapFault11(isSender: boolean, reason: string, more: string): string {
  const detail = more === '' ? '' : `<detail>${more}</detail>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault>' +
    `<faultcode>soapenv:${isSender ? 'Client' : 'Server'}</faultcode><faultstring>${reason}</faultstring>${detail}` +
    '</soapenv:Fault></soapenv:Body></soapenv:Envelope>'
  );
}

/** SOAP 1.2 part 1, section 5.4. */
function soapFault12(isSender: boolean, reason: string, more: string): string {
  const entry = `<am:description xmlns:am="http://wso2.org/apimanager">${more}</am:description>`;
  const detail = more === '' ? '' : `<soapenv:Detail>${entry}</soapenv:Detail>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope"><soapenv:Body><soapenv:Fault>' +
    `<soapenv:Code><soapenv:Value>soapenv:${isSender ? 'Sender' : 'Receiver'}</soapenv:Value></soapenv:Code>` +
    `<soapenv:Reason><soapenv:Text xml:lang="en">${reason}</soapenv:Text></soapenv:Reason>${detail}` +
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
