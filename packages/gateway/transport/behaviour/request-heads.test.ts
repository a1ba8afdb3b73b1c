import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer } from '../testing/message.ts';

test('the handler reads of the head what the client sent', async (t) => {
  const gateway = await startGateway(t, {
    call: (call) => call.reply(200, 'Content-Type: application/json\r\n', JSON.stringify(describe(call))),
  });
  const describe = ({
    head,
    contentLength,
    secure,
    remoteAddress,
    remotePort,
    localPort,
  }: (typeof gateway.calls)[0]) => {
    const lines: string[] = [];
    head.eachHeader((name, text) => lines.push(`${name}=${text}`));
    const { method, target, path, query, minorVersion, host } = head;
    const list = head.header('x-list');
    return {
      method,
      target,
      path,
      query,
      minorVersion,
      host,
      lines,
      list,
      contentLength,
      secure,
      remoteAddress,
      remotePort,
      localPort,
    };
  };
  const ask = async (bytes: string) => {
    const client = await gateway.connect();
    const { localPort } = client.socket;
    client.send(bytes);
    const seen = JSON.parse((await readAnswer(client)).body.toString('latin1'));
    client.socket.destroy();
    return { ...seen, ownPort: seen.remotePort === localPort };
  };
  const facts = { secure: false, remoteAddress: '127.0.0.1', ownPort: true, localPort: gateway.port };

  await t.test('of origin-form, with its lines in order', async () => {
    const head =
      'PATCH //a/../b%20c;d?e=f?g&%zz HTTP/1.1\r\nhOsT: A.example:80\r\nX-List: \t1 \r\nEmpty:\r\nx-list:2\t\r\nX-list:  \r\n\r\n';
    const { remotePort, ...seen } = await ask(head);
    assert.ok(remotePort > 0);
    assert.deepEqual(seen, {
      method: 'PATCH',
      target: '//a/../b%20c;d?e=f?g&%zz',
      path: '//a/../b%20c;d',
      query: '?e=f?g&%zz',
      minorVersion: 1,
      host: 'A.example:80',
      lines: ['hOsT=A.example:80', 'X-List=1', 'Empty=', 'x-list=2', 'X-list='],
      list: '1, 2, ',
      contentLength: 0,
      ...facts,
    });
  });

  const forms = [
    [
      'absolute-form',
      'GET http://a.example:8080/b?c HTTP/1.1\r\nHost: a.example:8080\r\n\r\n',
      '/b',
      '?c',
      'a.example:8080',
    ],
    ['absolute-form without a path', 'GET http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n', '/', '', 'a.example'],
    [
      'absolute-form with a query alone',
      'GET HTTP://a.example?b HTTP/1.1\r\nHost: A.example\r\n\r\n',
      '/',
      '?b',
      'A.example',
    ],
    ['asterisk-form', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', '*', '', 'a'],
    ['an empty query', 'GET /? HTTP/1.1\r\nHost: a\r\n\r\n', '/', '?', 'a'],
    ['one empty line before the request', '\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n', '/b', '', 'a'],
    ['an IPv6 host', 'GET /b HTTP/1.1\r\nHost: [::1]:8280\r\n\r\n', '/b', '', '[::1]:8280'],
    ['a method of its own, in lower case', "x'y!z /b HTTP/1.1\r\nHost: a\r\n\r\n", '/b', '', 'a'],
  ] as const;
  for (const [what, bytes, path, query, host] of forms) {
    await t.test(`of ${what}`, async () => {
      const seen = await ask(bytes);
      assert.deepEqual([seen.path, seen.query, seen.target, seen.host], [path, query, path + query, host]);
      assert.equal(seen.method, bytes.trimStart().split(' ')[0]);
    });
  }

  await t.test('with the length of the body', async () => {
    assert.equal((await ask('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')).contentLength, 3);
    assert.equal(
      (await ask('POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n'))
        .contentLength,
      -1,
    );
    assert.equal((await ask('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')).contentLength, 0);
  });

  await t.test('with an id of its own', () => {
    assert.equal(new Set(gateway.calls.map((call) => call.id)).size, gateway.calls.length);
    assert.ok(gateway.calls.every((call) => /^[!-~]{8,}$/.test(call.id)));
  });
});
