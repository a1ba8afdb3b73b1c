import { answers, type Behaviour, sends, silent } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { type FaultRest, failed } from '../outcome.ts';
import { type ReasonName, reasons } from '../reasons.ts';
import { http, soapFault } from '../site.ts';
import type { Ask } from '../world.ts';

/** A form in which errors are written. */
interface Form {
  readonly id: string;
  readonly ask: Ask;
  readonly type: string;
  body(code: number, message: string, description: string): string;
  /** Status where it is not that of the fault. */
  readonly status?: number;
}

const json = (code: number, message: string, description: string) =>
  JSON.stringify({ code: String(code), type: 'Status report', message, description });

const xml = (code: number, message: string, description: string) =>
  `<am:fault xmlns:am="http://wso2.org/apimanager"><am:code>${code}</am:code><am:type>Status report</am:type>` +
  `<am:message>${message}</am:message><am:description>${description}</am:description></am:fault>`;

const post: Ask = { method: 'POST', body: '<order/>' };

/** What a caller says about the form that it reads, and what it gets (wso2-gateway.md 2.6). */
const forms: readonly Form[] = [
  { id: 'json', ask: {}, type: 'application/json; charset=UTF-8', body: json },
  { id: 'json-post', ask: { method: 'POST', body: '{}' }, type: 'application/json; charset=UTF-8', body: json },
  { id: 'json-any', ask: { headers: { Accept: '*/*' } }, type: 'application/json; charset=UTF-8', body: json },
  { id: 'xml', ask: { headers: { Accept: 'application/xml' } }, type: 'application/xml; charset=UTF-8', body: xml },
  {
    id: 'xml-preferred',
    ask: { headers: { Accept: 'application/json;q=0.5, text/xml' } },
    type: 'application/xml; charset=UTF-8',
    body: xml,
  },
  {
    id: 'soap-1.1',
    ask: { ...post, headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:order"' } },
    type: 'text/xml; charset=UTF-8',
    status: 500,
    body: (_, __, reason) => soapFault(reason),
  },
  {
    id: 'soap-1.2',
    ask: { ...post, headers: { 'Content-Type': 'application/soap+xml; action="urn:order"' } },
    type: 'application/soap+xml; charset=UTF-8',
    status: 500,
    body: (_, __, reason) =>
      '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope">' +
      '<soapenv:Body><soapenv:Fault><soapenv:Code><soapenv:Value>soapenv:Receiver</soapenv:Value></soapenv:Code>' +
      `<soapenv:Reason><soapenv:Text xml:lang="en">${reason}</soapenv:Text></soapenv:Reason></soapenv:Fault></soapenv:Body></soapenv:Envelope>`,
  },
];

/** Faults that are told. */
const faults: readonly {
  readonly cause: ReasonName;
  readonly does: Behaviour | null;
  readonly rest: FaultRest;
  readonly code: number;
}[] = [
  {
    cause: 'backend-connection-refused',
    does: null,
    code: 101503,
    rest: { received: {}, leaves: { prod: suspended(101503) } },
  },
  {
    cause: 'backend-closed',
    does: sends('', 'fin'),
    code: 101508,
    rest: { phase: 3, received: { a: 1 }, leaves: { prod: suspended(101508) } },
  },
  {
    cause: 'endpoint-timeout',
    does: silent,
    code: 101504,
    rest: {
      fired: { name: 'endpoint', millis: 120 },
      received: { a: 1 },
      leaves: { prod: suspended(101504) },
    },
  },
];

const matrix: readonly EndpointsCase[] = forms.flatMap((form) =>
  faults.map(
    ({ cause, does, rest, code }): EndpointsCase => ({
      id: `answers/${form.id}-${cause}`,
      section: 'WSO2 2.6',
      title: `a fault is told in a form that its caller cannot read (${form.id})`,
      async play(world) {
        await (does ? world.backend('a', does) : world.dead('a', answers('done')));
        await world.serve(http({ actionSelect: 'fault', actionDuration: '120' }));
        const { message, description } = reasons[cause];
        const body = form.body(code, message, description ?? '');
        const answer = form.status ?? reasons[cause].status;
        await world.call(form.ask, failed(cause, { ...rest, answer, body, type: form.type }));
      },
    }),
  ),
);

const others: readonly EndpointsCase[] = [
  {
    id: 'answers/head',
    section: 'RFC 9110 §9.3.2',
    title: 'a fault that answers HEAD has a body',
    async play(world) {
      await world.dead('a', answers('done'));
      await world.serve(http());
      const rest = { received: {}, leaves: { prod: suspended(101503) }, body: '' };
      await world.call({ method: 'HEAD' }, failed('backend-connection-refused', rest));
    },
  },
  ...(
    [
      ['json', {}, json(303001, 'Runtime Error', 'Currently, HTTP endpoint : [ Name : prod ] [ State : SUSPENDED ]')],
      [
        'xml',
        { headers: { Accept: 'application/xml' } },
        xml(303001, 'Runtime Error', 'Currently, HTTP endpoint : [ Name : prod ] [ State : SUSPENDED ]'),
      ],
    ] as const
  ).map(
    ([id, ask, body]): EndpointsCase => ({
      id: `answers/not-ready-${id}`,
      section: 'WSO2 2.6',
      title: 'an endpoint that rests is told in a form that its caller cannot read',
      async play(world) {
        await world.dead('a', answers('done'));
        await world.serve(http());
        const leaves = { prod: suspended(101503) };
        await world.call({}, failed('backend-connection-refused', { received: {}, leaves }));
        await world.call(ask, failed('http-endpoint-not-ready', { received: {}, leaves, retryAfter: '30', body }));
      },
    }),
  ),
];

export const answerCases: readonly EndpointsCase[] = [...matrix, ...others];
