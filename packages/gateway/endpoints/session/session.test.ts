import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LoadBalanceEndpoint } from '@sluice/model';
import fc from 'fast-check';
import { entry, leaf, tireless } from '../../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../../testing/gateway.ts';
import { bearer, type Received, startBackend, type TestBackend } from '../../testing/http.ts';
import type { SessionNews } from './session-table.ts';
import { SessionTable } from './session-table.ts';

type Reply = (name: string, received: Received) => { headers?: Record<string, string>; body: string };

/** Two backends behind one group with sessions of that type. */
async function staged(
  t: TestContext,
  type: NonNullable<LoadBalanceEndpoint['session']>['type'],
  reply: Reply,
  options: Parameters<typeof stage>[1] = {},
): Promise<
  Stage & { readonly members: readonly TestBackend[]; deploy(members: readonly TestBackend[]): Promise<void> }
> {
  const members = await Promise.all(
    ['one', 'two'].map((name) =>
      startBackend(name, (received, response) => {
        if (received.url.includes('break')) {
          response.socket?.destroy();
          return;
        }
        const { headers = {}, body } = reply(name, received);
        response.writeHead(200, headers);
        response.end(body);
      }),
    ),
  );
  for (const member of members) t.after(() => member.close());
  const world = await stage(t, options);
  const deploy = (behind: readonly TestBackend[]) => {
    const children = behind.map(({ url }, place) => leaf(url, { name: `prod[${place}]`, ...tireless }));
    const group = { kind: 'load_balance', name: 'prod', algorithm: 'round_robin', failover: true } as const;
    const production = { ...group, children, session: { type, timeout: null } };
    return world.put(entry.api(ordersApi(world.backend, { endpoints: { production, sandbox: null } })));
  };
  await deploy(members);
  return { ...world, members, deploy };
}

const withCookie: Reply = (name, { headers }) => ({
  headers: {
    'x-cookie': headers.cookie ?? '',
    ...(headers.cookie ? {} : { 'set-cookie': `JSESSIONID=of-${name}; Path=/` }),
  },
  body: name,
});

function asking({ call }: Stage, headers: Record<string, string> = {}, path = '/orders/1.0.0/x') {
  return call(path, { headers: { ...bearer(issuer.token()), ...headers } });
}

test('a session that a backend began with a cookie stays with it, and calls without one take turns', async (t) => {
  const world = await staged(t, 'http', withCookie);
  const first = await asking(world);
  const [cookie] = first.headers['set-cookie'] ?? [];
  const sent = { cookie: `theme=dark; ${cookie?.split(';')[0]}` };
  for (let i = 0; i < 5; i++) {
    const answer = await asking(world, sent);
    assert.deepEqual([answer.body, answer.headers['x-cookie']], [first.body, sent.cookie]);
  }
  const others = [await asking(world), await asking(world)].map(({ body }) => body);
  assert.deepEqual(others.sort(), ['one', 'two']);
  // A session that nobody knows is a new one.
  const unknown = new Set<string>();
  for (let i = 0; i < 2; i++) unknown.add((await asking(world, { cookie: 'JSESSIONID=lost' })).body);
  assert.equal(unknown.size, 2);
});

test('a session outlives a redeployment, fails over to nobody, and is told by its codes', async (t) => {
  const world = await staged(t, 'http', withCookie);
  const first = await asking(world);
  const home = world.members[first.body === 'one' ? 0 : 1] as TestBackend;
  const away = world.members.filter((member) => member !== home);
  const sent = { cookie: `JSESSIONID=of-${first.body}` };
  await world.deploy([...world.members].reverse());
  assert.equal((await asking(world, sent)).body, first.body);
  const told = async (path?: string) => {
    const answer = await asking(world, sent, path);
    return [answer.status, answer.headers['sluice-cause'], answer.status === 200 ? '' : JSON.parse(answer.body).code];
  };
  assert.deepEqual(await told('/orders/1.0.0/break'), [502, 'session-failed', '309003']);
  assert.equal(
    away[0]?.received.some(({ url }) => url.includes('break')),
    false,
  );
  await world.deploy([...away, await startBackendFor(t)]);
  assert.deepEqual(await told(), [502, 'session-path-invalid', '309002']);
  // The client has been told; what it sends now begins a session.
  assert.equal((await told())[0], 200);
});

async function startBackendFor(t: TestContext): Promise<TestBackend> {
  const backend = await startBackend('three');
  t.after(() => backend.close());
  return backend;
}

test('a session whose member rests is told so, and when to come back', async (t) => {
  const world = await staged(t, 'http', withCookie);
  const first = await asking(world);
  const sent = { cookie: `JSESSIONID=of-${first.body}` };
  const children = world.members.map(({ url }, place) => leaf(url, { name: `resting[${place}]` }));
  const group = { kind: 'load_balance', name: 'prod', algorithm: 'round_robin', failover: true } as const;
  const production = { ...group, children, session: { type: 'http', timeout: null } } as const;
  await world.put(entry.api(ordersApi(world.backend, { endpoints: { production, sandbox: null } })));
  await asking(world, sent, '/orders/1.0.0/break');
  const answer = await asking(world, sent);
  assert.deepEqual([answer.status, answer.headers['sluice-cause']], [503, 'session-endpoint-not-ready']);
  assert.equal(JSON.parse(answer.body).code, '309001');
  assert.ok(Number(answer.headers['retry-after']) > 0);
});

const envelope = (header: string) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>${header}</s:Header><s:Body><x/></s:Body></s:Envelope>`;
const clientId = (id: string) => envelope(`<c:ClientID xmlns:c="http://ws.apache.org/ns/synapse"> ${id} </c:ClientID>`);
const serviceGroup = (id: string) =>
  `<g:ServiceGroupId xmlns:g="http://ws.apache.org/namespaces/axis2">${id}</g:ServiceGroupId>`;
const soap = { 'content-type': 'text/xml; charset=utf-8' };

function posting({ call }: Stage, body: string, path = '/orders/1.0.0/x') {
  const headers = { ...bearer(issuer.token()), ...soap, 'content-length': Buffer.byteLength(body) };
  return call(path, { method: 'POST', headers, body });
}

test('a client that names its session in a SOAP header stays with one member; its body arrives whole', async (t) => {
  const world = await staged(t, 'simpleClientSession', (name) => ({ body: name }));
  const homes = new Map<string, string>();
  for (const id of ['ann', 'bob', 'cid']) homes.set(id, (await posting(world, clientId(id))).body);
  assert.equal(new Set(homes.values()).size, 2);
  for (let i = 0; i < 3; i++) {
    for (const [id, home] of homes) assert.equal((await posting(world, clientId(id))).body, home);
  }
  for (const member of world.members)
    for (const { body } of member.received) assert.match(body, /^<s:Env.*> \w+ <\/c.*ope>$/);
  const plain = new Set<string>();
  for (let i = 0; i < 2; i++) plain.add((await posting(world, 'no XML <<')).body);
  assert.equal(plain.size, 2);
});

test('a session whose first call fails at once, before it is sent, is bound to nobody', async (t) => {
  const told: SessionNews[] = [];
  const sessionExchange = { tell: (news: SessionNews) => void told.push(news), watch: () => {} };
  const pool = { maxPerRoute: 0, maxPending: 0 };
  const world = await staged(t, 'simpleClientSession', (name) => ({ body: name }), { sessionExchange, pool });
  const answer = await posting(world, clientId('ann'));
  assert.equal(answer.headers['sluice-cause'], 'backend-pool-full');
  assert.deepEqual(told, []);
});

test('a SOAP session that a backend began in its answer stays with it', async (t) => {
  const reply: Reply = (name, { body, headers }) => {
    assert.equal(headers['accept-encoding'], undefined);
    const to = `<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:ReferenceParameters>${serviceGroup(`of-${name}`)}</a:ReferenceParameters></a:ReplyTo>`;
    return { headers: soap, body: envelope(body.includes('ServiceGroupId') ? `<from>${name}</from>` : to) };
  };
  const world = await staged(t, 'soap', reply);
  const first = await posting(world, envelope(''));
  const home = /of-(one|two)/.exec(first.body)?.[1] as string;
  for (let i = 0; i < 4; i++) {
    assert.match((await posting(world, envelope(serviceGroup(`of-${home}`)))).body, new RegExp(`<from>${home}<`));
  }
});

test('the sessions of a shared endpoint go with it, though APIs still name it', async (t) => {
  const world = await staged(t, 'http', withCookie);
  const member = ({ url }: TestBackend) => ({ url, config: { suspendDuration: 0 } });
  const [one, two] = world.members as [TestBackend, TestBackend];
  const endpointConfig = {
    endpoint_type: 'load_balance',
    production_endpoints: [member(one), member(two)],
    sessionManagement: 'transport',
  };
  const place = { id: 'e-1', organization: 'carbon.super', name: 'orders' };
  const shared = { ...place, description: '', parameters: [], endpointConfig };
  const appear = () => world.put({ kind: 'endpoint', id: 'carbon.super/orders', value: shared });
  await appear();
  const production = { kind: 'indirect', name: 'prod', key: 'orders', parameters: {} } as const;
  await world.put(entry.api(ordersApi(world.backend, { endpoints: { production, sandbox: null } })));
  const first = await asking(world);
  const sent = { cookie: `JSESSIONID=of-${first.body}` };
  for (let i = 0; i < 3; i++) assert.equal((await asking(world, sent)).body, first.body);
  await world.remove('endpoint', 'carbon.super/orders');
  await appear();
  const served = new Set([(await asking(world, sent)).body, (await asking(world, sent)).body]);
  assert.equal(served.size, 2);
});

test('what one process learns of a session another one that shares it knows', async (t) => {
  const watchers: ((news: readonly SessionNews[]) => void)[] = [];
  const exchange = (from: number) => ({
    tell: (news: SessionNews) => {
      for (const [to, take] of watchers.entries()) if (to !== from) take([news]);
    },
    watch: (take: (news: readonly SessionNews[]) => void) => void watchers.push(take),
  });
  const one = await staged(t, 'http', withCookie, { sessionExchange: exchange(0) });
  const two = await stage(t, { sessionExchange: exchange(1) });
  const first = await asking(one);
  const children = one.members.map(({ url }, place) => leaf(url, { name: `prod[${place}]`, ...tireless }));
  const group = { kind: 'load_balance', name: 'prod', algorithm: 'round_robin', failover: true } as const;
  const production = { ...group, children, session: { type: 'http', timeout: null } } as const;
  // It hears of the session before it has the group.
  await two.put(entry.api(ordersApi(two.backend, { endpoints: { production, sandbox: null } })));
  for (let i = 0; i < 3; i++) {
    assert.equal((await asking(two, { cookie: `JSESSIONID=of-${first.body}` })).body, first.body);
  }
});

test('sessions slide, end in time, and are never more than the bound', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constantFrom('find', 'bind', 'end'),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      member: fc.constantFrom('x', 'y'),
    }),
    fc.record({ do: fc.constant('wait'), millis: fc.nat(150) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let now = 0;
      const told: string[] = [];
      const table = new SessionTable(100, 3, (key, member) => told.push(`${key}=${member}`));
      let model: { key: string; member: string; expires: number }[] = [];
      for (const one of steps) {
        if ('millis' in one) {
          now += one.millis;
          continue;
        }
        const { key, member } = one;
        model = model.filter(({ expires }) => expires > now);
        const known = model.find((session) => session.key === key);
        const without = model.filter((session) => session.key !== key);
        const last = { key, member: one.do === 'bind' ? member : (known?.member ?? ''), expires: now + 100 };
        if (one.do === 'find') {
          assert.equal(table.find(key, now), known?.member);
          model = known ? [...without, last] : without;
        } else if (one.do === 'bind') {
          table.bind(key, member, now);
          model = [...without, last].slice(-3);
          if (known?.member !== member) assert.equal(told.at(-1), `${key}=${member}`);
        } else {
          table.end(key);
          model = without;
        }
        assert.ok(['a', 'b', 'c', 'd'].filter((one) => table.has(one, now)).length <= 3);
      }
    }),
  );
});
