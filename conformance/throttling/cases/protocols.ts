import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { entry, leaf, operation } from '../../../packages/gateway/testing/entities.ts';
import { deadRoute } from '../../../packages/gateway/transport/testing/dead.ts';
import { readAnswer, value } from '../../../packages/gateway/transport/testing/message.ts';
import { Wire } from '../../../packages/gateway/transport/testing/wire.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls } from '../plans.ts';
import { methods, ordersApi } from '../site.ts';
import type { World } from '../world.ts';

/** One connection of a client that speaks HTTP/1.1 by the byte. */
async function wireTo(world: World): Promise<Wire> {
  const socket = connect({ host: '127.0.0.1', port: world.port(), allowHalfOpen: true });
  world.after(() => socket.destroy());
  await once(socket, 'connect');
  return new Wire(socket);
}

function head(world: World, start: string, ...lines: readonly string[]): string {
  const own = ['Host: a.example', `Authorization: Bearer ${world.token('client-1')}`];
  return `${[start, ...own, ...lines].join('\r\n')}\r\n\r\n`;
}

const get = 'GET /orders/1.0.0/x HTTP/1.1';

/** So many requests at once on one connection of HTTP/2; resolves with their heads. */
async function streams(world: World, count: number, headers: Readonly<Record<string, string>> = {}) {
  const session = connectHttp2(`https://localhost:${world.port(true)}`, { rejectUnauthorized: false });
  try {
    return await Promise.all(
      Array.from({ length: count }, async () => {
        const stream = session.request({
          ':path': '/orders/1.0.0/x',
          authorization: `Bearer ${world.token('client-1')}`,
          ...headers,
        });
        stream.end(headers[':method'] === 'POST' ? 'body' : undefined);
        const [answer] = (await once(stream, 'response')) as [Record<string, string | number | undefined>];
        stream.resume();
        await once(stream, 'close');
        return answer;
      }),
    );
  } finally {
    session.close();
  }
}

/** What counts as a call, whatever it is spoken in. */
export const protocolCases: readonly ThrottlingCase[] = [
  {
    id: 'protocols/pipelined',
    section: 'issue 5.1',
    title: 'pipelined calls pass beyond the limit, or their answers change places',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      const wire = await wireTo(world);
      wire.send(head(world, get).repeat(5));
      const statuses: number[] = [];
      for (let call = 0; call < 5; call++) statuses.push((await readAnswer(wire)).status);
      assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
      assert.equal(world.backend.received.length, 3);
    },
  },
  {
    id: 'protocols/keep-alive-after-a-refusal',
    section: 'issue 5.3',
    title: 'a refusal ends the connection of its client',
    async play(world) {
      await world.serve({ subscription: { quota: calls(1, 'sec') } });
      const wire = await wireTo(world);
      for (const wanted of [200, 429, 429]) {
        wire.send(head(world, get));
        assert.equal((await readAnswer(wire)).status, wanted);
      }
      world.clock.pass(1000);
      wire.send(head(world, get));
      assert.equal((await readAnswer(wire)).status, 200);
    },
  },
  {
    id: 'protocols/body-of-a-refused-call',
    section: 'issue 5.3',
    title: 'the body of a refused call is read as the next call',
    async play(world) {
      await world.serve({ subscription: { quota: calls(1, 'sec') } });
      const wire = await wireTo(world);
      const post = head(world, 'POST /orders/1.0.0/x HTTP/1.1', 'Content-Length: 5');
      for (const wanted of [200, 429, 429]) {
        wire.send(`${post}12345`);
        assert.equal((await readAnswer(wire)).status, wanted);
      }
      world.clock.pass(1000);
      wire.send(`${post}12345`);
      assert.equal((await readAnswer(wire)).status, 200);
      assert.deepEqual(
        world.backend.received.map(({ body }) => body),
        ['12345', '12345'],
      );
    },
  },
  {
    id: 'protocols/expect-continue',
    section: 'issue 5.3',
    title: 'a client that asks first is told to send a body that is refused anyway',
    async play(world) {
      await world.serve({ subscription: { quota: calls(1) } });
      await world.admits(1);
      const wire = await wireTo(world);
      wire.send(head(world, 'POST /orders/1.0.0/x HTTP/1.1', 'Content-Length: 5', 'Expect: 100-continue'));
      assert.equal((await readAnswer(wire)).status, 429, 'no 100 before it');
    },
  },
  {
    id: 'protocols/many-at-once',
    section: 'issue 5.4',
    title: 'calls that come at once pass beyond the limit, or fewer than it',
    async play(world) {
      await world.serve({ subscription: { quota: calls(20) }, application: { quota: calls(200) } });
      const answers = await Promise.all(Array.from({ length: 60 }, () => world.call()));
      assert.equal(answers.filter(({ status }) => status === 200).length, 20);
      assert.equal(answers.filter(({ status }) => status === 429).length, 40);
      assert.equal(world.backend.received.length, 20);
    },
  },
  {
    id: 'protocols/http2-streams',
    section: 'issue 5.1',
    title: 'streams of one connection of HTTP/2 count as one call',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      const heads = await streams(world, 5);
      assert.deepEqual(heads.map((one) => one[':status']).sort(), [200, 200, 200, 429, 429]);
      const refused = heads.find((one) => one[':status'] === 429);
      assert.equal(refused?.['retry-after'], '60');
      assert.equal(refused?.['sluice-cause'], 'subscription-limit-exceeded');
      assert.equal(world.backend.received.length, 3);
    },
  },
  {
    id: 'protocols/http2-beside-http1',
    section: 'issue 5.1',
    title: 'callers by HTTP/2, by TLS and by plain HTTP have quotas of their own',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admits(1);
      await world.admits(1, { secure: true });
      assert.deepEqual(
        (await streams(world, 1)).map((one) => one[':status']),
        [200],
      );
      await world.refuses('subscription');
      await world.refuses('subscription', { secure: true });
    },
  },
  {
    id: 'protocols/grpc',
    section: 'issue 5.3',
    title: 'a gRPC caller gets a body that it cannot read, or a status that says nothing',
    async play(world) {
      await world.serve({ subscription: { quota: calls(1) } });
      await world.admits(1);
      const [answer] = await streams(world, 1, {
        ':method': 'POST',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      assert.equal(answer?.[':status'], 200);
      assert.equal(answer?.['content-type'], 'application/grpc');
      assert.equal(answer?.['grpc-status'], '14', 'UNAVAILABLE, gRPC’s own reading of 429');
      assert.match(String(answer?.['grpc-message']), /^You have exceeded your quota/);
      assert.equal(answer?.['sluice-cause'], 'subscription-limit-exceeded');
      assert.equal(world.backend.received.length, 1);
    },
  },
  {
    id: 'protocols/head',
    section: 'issue 5.1',
    title: 'HEAD is not counted, or its refusal has a body',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2) } });
      await world.admits(2, { method: 'HEAD' });
      const wire = await wireTo(world);
      wire.send(head(world, 'HEAD /orders/1.0.0/x HTTP/1.1') + head(world, get));
      const refused = await readAnswer(wire, 'HEAD');
      assert.equal(refused.status, 429);
      assert.equal(value(refused, 'Retry-After'), '60');
      assert.equal((await readAnswer(wire)).status, 429, 'what follows on the connection is the next answer');
    },
  },
  {
    id: 'protocols/options-of-the-api',
    section: 'WSO2 6.3',
    title: 'OPTIONS that the API defines is not counted',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2) } });
      await world.admitsExactly(2, 'subscription', { method: 'OPTIONS' });
      await world.refuses('subscription');
    },
  },
  {
    id: 'protocols/preflights',
    section: 'WSO2 6.3',
    title: 'preflights that the gateway answers are counted or refused',
    async play(world) {
      await world.serve({
        subscription: { quota: calls(2) },
        api: { operations: methods.filter((one) => one !== 'OPTIONS').map((one) => operation(one, '/*')) },
      });
      const preflight = {
        client: null,
        method: 'OPTIONS',
        headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
      };
      for (let call = 0; call < 4; call++) assert.equal((await world.call(preflight)).status, 200);
      await world.admitsExactly(2, 'subscription');
      assert.equal((await world.call(preflight)).status, 200);
    },
  },
  {
    id: 'protocols/refused-for-other-reasons',
    section: 'WSO2 6.1',
    title: 'calls that are refused before the limits are taken from them',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(2) }, subscription: { quota: calls(2) } });
      const tries = [
        [{ client: null }, 401],
        [{ headers: { authorization: 'Bearer no.such.token' }, client: null }, 401],
        [{ method: 'PATCH' }, 405],
        [{ path: '/nowhere/1.0.0/x' }, 404],
        [{ client: 'client-9' }, 403],
      ] as const;
      for (const [ask, wanted] of tries) {
        for (let call = 0; call < 3; call++) assert.equal((await world.call(ask)).status, wanted, JSON.stringify(ask));
      }
      await world.admitsExactly(2, 'api');
    },
  },
  {
    id: 'protocols/answers-of-the-backend',
    section: 'WSO2 7.1',
    title: 'calls that come to nothing because the backend is away are given back',
    async play(world) {
      const { host, port } = await deadRoute();
      await world.serve({
        subscription: { quota: calls(3) },
        api: { endpoints: { production: leaf(`http://${host}:${port}`), sandbox: null } },
      });
      for (let call = 0; call < 3; call++) assert.ok([502, 503].includes((await world.call()).status));
      await world.refuses('subscription');
    },
  },
  {
    id: 'protocols/failover',
    section: 'WSO2 7.1',
    title: 'a call that goes to a second backend is counted twice',
    async play(world) {
      const { host, port } = await deadRoute();
      await world.serve({
        subscription: { quota: calls(3) },
        api: { maxTps: { production: { count: 3, timeUnit: 'min' } } },
      });
      const children = [
        leaf(`http://${host}:${port}`, { name: 'prod[0]' }),
        leaf(world.backend.url, { name: 'prod[1]' }),
      ];
      const production = { kind: 'failover', name: 'prod', children } as const;
      await world.put(entry.api({ ...ordersApi('', {}), endpoints: { production, sandbox: null } }));
      await world.admitsExactly(3, 'subscription');
    },
  },
];
