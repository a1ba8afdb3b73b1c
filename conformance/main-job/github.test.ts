import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { startProgram } from '../program/program.ts';
import { exchange } from '../wire/exchange.ts';
import { type RecordedRequest, recordingBackend } from '../wire/recording-backend.ts';
import { callsOf } from './github-calls.ts';
import {
  changeLifecycle,
  clientToken,
  deploy,
  httpEndpoint,
  importDescription,
  journey,
  subscribe,
} from './journey.ts';

const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');

test('a published API of hundreds of operations is called through the gateway, and the backend gets what was sent', async (t) => {
  const backend = await recordingBackend(t, ({ method }) =>
    method === 'DELETE' || method === 'PUT'
      ? 'HTTP/1.1 204 No Content\r\nX-Backend: recorded\r\n\r\n'
      : 'HTTP/1.1 200 OK\r\nX-Backend: recorded\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}',
  );
  const program = await startProgram(t, { args: ['start', '--no-sample'] });
  const job = journey(program.urls.controlHttp as string);

  // The package indents it to more than the 10 MB that an upload may have.
  const description = JSON.parse(readFileSync(file, 'utf8'));
  const api = await importDescription(job, JSON.stringify(description), {
    name: 'GitHub',
    context: '/github',
    version: '3.1.0',
    policies: ['Unlimited'],
    endpointConfig: httpEndpoint(`${backend.url}/v3`),
  });
  assert.ok(api.operations.length >= 500, `${api.operations.length} operations were imported`);
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const keys = await subscribe(job, api.id);
  const token = await clientToken(job, keys);

  const calls = callsOf(description, 60);
  assert.ok(calls.length >= 30);
  assert.ok(new Set(calls.map(({ method }) => method)).size >= 5, 'GET, POST, PUT, PATCH and DELETE are among them');
  for (const call of calls) {
    const headers = [
      'Host: api.example.test',
      `Authorization: Bearer ${token}`,
      'User-Agent: a test/1.0',
      'X-Mixed-Case: "Keep, me; as I am"',
      'Accept: application/vnd.github+json',
      ...(call.body ? ['Content-Type: application/json', `Content-Length: ${call.body.length}`] : []),
      'Connection: close',
    ];
    const request = `${call.method} /github/3.1.0${call.target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
    const response = await exchange(
      program.urls.gateway as string,
      Buffer.concat([Buffer.from(request, 'latin1'), call.body]),
    );
    const what = `${call.method} ${call.target}`;
    assert.equal(
      response.status,
      call.method === 'DELETE' || call.method === 'PUT' ? 204 : 200,
      `${what}: ${response.text}`,
    );
    assert.equal(response.headers['x-backend'], 'recorded', what);
    const received = backend.requests.at(-1) as RecordedRequest;
    assert.equal(received.method, call.method);
    assert.equal(received.target, `/v3${call.target}`, 'the path and query arrive undecoded');
    assert.deepEqual(received.body, call.body, what);
    assert.deepEqual(
      received.headers.find(([name]) => name === 'User-Agent'),
      ['User-Agent', 'Sluice'],
      what,
    );
    const kept = ['X-Mixed-Case', 'Accept', ...(call.body.length > 0 ? ['Content-Type', 'Content-Length'] : [])];
    for (const name of kept) {
      const sent = headers.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      assert.equal(received.headers.find(([other]) => other === name)?.[1], sent, `${what}: ${name}`);
    }
    const names = received.headers.map(([name]) => name.toLowerCase());
    assert.ok(!names.includes('authorization'), 'the token stays at the gateway');
    const added = names.filter((name) => !headers.some((line) => line.toLowerCase().startsWith(`${name}:`)));
    const allowed = [
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-forwarded-host',
      'sluice-request-id',
      'activityid',
      'via',
    ];
    assert.deepEqual(
      added.filter((name) => !allowed.includes(name)),
      [],
      `${what}: headers nobody sent`,
    );
  }
  assert.equal(backend.requests.length, calls.length, 'each call arrives once');
  assert.equal(await program.stop(), 0);
});
