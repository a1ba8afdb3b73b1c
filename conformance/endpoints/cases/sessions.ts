import { answers, type Behaviour, sends } from '../behaviours.ts';
import type { EndpointsCase } from '../case.ts';
import { suspended } from '../leaves.ts';
import { answered, failed, type Outcome } from '../outcome.ts';
import { balance, soapFault } from '../site.ts';
import { type Ask, passes, type World } from '../world.ts';

/** Answers with a session of its own. */
const member = (name: string): Behaviour =>
  answers(name, { lines: `Set-Cookie: JSESSIONID=of-${name}; Path=/; HttpOnly\r\n` });

const cookie = (name: string): Ask => ({ headers: { Cookie: `theme=dark; JSESSIONID=of-${name}` } });

function by(name: string): Outcome {
  return answered(name, { [name]: 1 });
}

/** Three members that keep sessions of this type for so many milliseconds. */
async function serve(world: World, type: string, timeout = '', does: (name: string) => Behaviour = member) {
  for (const name of ['a', 'b', 'c']) await world.backend(name, does(name));
  await world.serve(balance([{}, {}, {}], { sessionManagement: type, sessionTimeOut: timeout }));
}

const envelope = (header: string): Ask => ({
  method: 'POST',
  headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:order"' },
  body:
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">' +
    `<soapenv:Header>${header}</soapenv:Header><soapenv:Body><order/></soapenv:Body></soapenv:Envelope>`,
});
const clientId = (id: string) => envelope(`<s:ClientID xmlns:s="http://ws.apache.org/ns/synapse">${id}</s:ClientID>`);

const byCookie: readonly EndpointsCase[] = [
  {
    id: 'sessions/http',
    section: 'WSO2 4.8',
    title: 'a call of a session goes to another member than the one before',
    async play(world) {
      await serve(world, 'http');
      await world.call({}, by('a'));
      for (let count = 0; count < 4; count++) await world.call(cookie('a'), by('a'));
      await world.call({}, by('b'));
      await world.call(cookie('b'), by('b'));
      await world.call(cookie('a'), by('a'));
    },
  },
  {
    id: 'sessions/http-label',
    section: 'WSO2 5.2',
    title: 'the label of the publisher is no type of session',
    async play(world) {
      await serve(world, 'Transport');
      await world.call({}, by('a'));
      for (let count = 0; count < 3; count++) await world.call(cookie('a'), by('a'));
    },
  },
  {
    id: 'sessions/none',
    section: 'WSO2 5.2',
    title: 'sessions are kept though none are asked for',
    async play(world) {
      await serve(world, 'none');
      for (const name of [...'abcabc']) await world.call(cookie('a'), by(name));
    },
  },
  {
    id: 'sessions/http-unknown',
    section: 'WSO2 4.8',
    title: 'a cookie that no member gave keeps its calls with one of them',
    async play(world) {
      await serve(world, 'http', '', (name) => answers(name));
      for (const name of [...'abc']) await world.call(cookie('x'), by(name));
    },
  },
  {
    id: 'sessions/http-other-cookie',
    section: 'WSO2 4.8',
    title: 'a cookie that is no session keeps its calls with one member',
    async play(world) {
      await serve(world, 'http', '', (name) => answers(name, { lines: `Set-Cookie: theme=${name}\r\n` }));
      for (const name of [...'abc']) await world.call({ headers: { Cookie: 'theme=a' } }, by(name));
    },
  },
  {
    id: 'sessions/http-expires',
    section: 'WSO2 4.8',
    title: 'a session that nobody uses lasts for ever',
    async play(world) {
      await serve(world, 'http', '150');
      await world.call({}, by('a'));
      await passes(170);
      await world.call(cookie('a'), by('b'));
    },
  },
  {
    id: 'sessions/http-slides',
    section: 'WSO2 4.8',
    title: 'a session that is used ends',
    async play(world) {
      await serve(world, 'http', '400');
      await world.call({}, by('a'));
      for (let count = 0; count < 3; count++) {
        await passes(200);
        await world.call(cookie('a'), by('a'));
      }
    },
  },
  {
    id: 'sessions/not-ready',
    section: 'WSO2 4.8',
    title: 'a session moves to another member when its own rests',
    async play(world) {
      await serve(world, 'http');
      await world.call({}, by('a'));
      const leaves = { 'prod[0]': suspended(101503) };
      world.of('a').does = sends('', 'rst');
      await world.call(cookie('a'), { ...failed('session-failed', { received: { a: 1 }, leaves }) });
      const rest = { received: {}, leaves, retryAfter: '30' };
      await world.call(cookie('a'), failed('session-endpoint-not-ready', rest));
      await world.call({}, answered('b', { b: 1 }, { leaves }));
    },
  },
  {
    id: 'sessions/first-call-fails-over',
    section: 'WSO2 4.8',
    title: 'the first call of a session is lost, or the session stays with the member that failed',
    async play(world) {
      await serve(world, 'http');
      world.of('a').does = sends('', 'rst');
      const leaves = { 'prod[0]': suspended(101503) };
      await world.call({}, answered('b', { a: 1, b: 1 }, { leaves }));
      await world.call(cookie('b'), answered('b', { b: 1 }, { leaves }));
    },
  },
  {
    id: 'sessions/status-keeps',
    section: 'WSO2 4.8',
    title: 'an answer that tells of a fault ends a session',
    async play(world) {
      await serve(world, 'http');
      await world.call({}, by('a'));
      world.of('a').does = answers('sorry', { status: 503 });
      await world.call(cookie('a'), answered('sorry', { a: 1 }, { status: 503 }));
      world.of('a').does = member('a');
      await world.call(cookie('a'), by('a'));
    },
  },
  {
    id: 'sessions/deployed-anew',
    section: 'issue 4.4',
    title: 'a deployment that leaves the members as they are ends their sessions',
    async play(world) {
      await serve(world, 'http');
      await world.call({}, by('a'));
      await world.serve(balance([{}, {}, {}], { sessionManagement: 'http', sessionTimeOut: '' }));
      await world.call(cookie('a'), by('a'));
      await world.call(cookie('a'), by('a'));
    },
  },
];

const bySoap: readonly EndpointsCase[] = [
  {
    id: 'sessions/client-id',
    section: 'WSO2 4.8',
    title: 'calls of one client id go to several members',
    async play(world) {
      await serve(world, 'simpleClientSession', '', (name) => answers(name));
      await world.call(clientId('one'), by('a'));
      await world.call(clientId('two'), by('b'));
      for (let count = 0; count < 3; count++) {
        await world.call(clientId('one'), by('a'));
        await world.call(clientId('two'), by('b'));
      }
      world.assertBody('a', clientId('one').body ?? '');
    },
  },
  {
    id: 'sessions/client-id-absent',
    section: 'WSO2 4.8',
    title: 'calls without a client id are kept with one member',
    async play(world) {
      await serve(world, 'simpleClientSession', '', (name) => answers(name));
      for (const name of [...'abc']) await world.call(envelope(''), by(name));
      for (const name of [...'abc']) await world.call({}, by(name));
    },
  },
  {
    id: 'sessions/client-id-fails',
    section: 'WSO2 4.8',
    title: 'a client whose member fails in the middle of its session is moved without a word',
    async play(world) {
      await serve(world, 'simpleClientSession', '', (name) => answers(name));
      await world.call(clientId('one'), by('a'));
      await world.of('a').stop();
      const leaves = { 'prod[0]': suspended(101503) };
      const body = soapFault('The endpoint failed in the middle of a session.');
      await world.call(clientId('one'), failed('session-failed', { answer: 500, body, received: {}, leaves }));
    },
  },
];

export const sessionCases: readonly EndpointsCase[] = [...byCookie, ...bySoap];
