import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallStory } from '@sluice/model';
import { codeText } from './codes.ts';
import { storyTable } from './table.ts';
import { storyText } from './text.ts';

const rescued: CallStory = {
  ...{ id: '5f0c', kept: 'failed', startedAt: 1_700_000_040_000, process: 4711, client: '127.0.0.1' },
  ...{
    method: 'POST',
    path: '/orders/1.0.0/\u001b[2Jx',
    api: 'orders/1.0.0',
    operation: 'POST /*',
    application: 'shop',
  },
  ...{ keyType: 'SANDBOX', correlation: 'me-1', status: 504, end: 'complete', duration: 1201.04 },
  error: {
    ...{ cause: 'backend-socket-timeout', code: 101507, description: 'Error in Sender' },
    ...{ remedy: 'The backend was silent for too long.', setting: 'passthru_http.http.socket.timeout' },
    ...{ value: 1000, origin: 'deployment.toml:3' },
  },
  attempts: [
    {
      ...{ endpoint: 'sand[0]', backend: 'b1:80', began: 0.3, took: 1.2, connection: 'none' },
      ...{ phase: 0, phaseName: 'before a connection stood', pending: [] },
      fault: {
        ...{ cause: 'backend-connection-refused', code: 101503, baseCode: 101503, message: 'ECONNREFUSED' },
        ...{ replayable: true, wentOn: true },
      },
    },
    {
      ...{ endpoint: 'sand[1]', backend: 'b2:80', began: 1.6, took: 1199, connection: 'new', connected: 198.5 },
      ...{ phase: 3, phaseName: 'while the answer was waited for' },
      fault: {
        ...{ cause: 'backend-socket-timeout', code: 101507, baseCode: 101504, message: 'silent for 1000 ms' },
        fired: {
          ...{ name: 'first-byte', value: 1000, at: 1199, setting: 'passthru_http.http.socket.timeout' },
          origin: 'deployment.toml:3',
        },
        ...{ replayable: false, wentOn: false, stayed: 'unsafe' },
      },
      pending: [
        {
          ...{ name: 'endpoint', value: 5000, at: 5000, setting: 'config.actionDuration' },
          origin: 'API orders/1.0.0 sand[1] config.actionDuration',
        },
      ],
    },
  ],
  leftOut: 2,
  endpoints: [
    {
      name: 'sand[0]',
      url: 'http://b1/',
      state: 'suspended',
      cause: 101503,
      reason: 'backend-connection-refused',
      retryIn: 28_800.2,
    },
    { name: 'sand[1]', url: 'http://b2/', state: 'off', cause: 0, reason: '', retryIn: null },
  ],
};

test('a story tells in order what was tried, what fired, what was next and what can be done; nothing of it speaks to the terminal', () => {
  assert.equal(
    storyText(rescued),
    `Call 5f0c
  2023-11-14T22:14:00.000Z  POST /orders/1.0.0/\u{FFFD}[2Jx from 127.0.0.1, process 4711
  API orders/1.0.0, POST /*, sandbox side
  application shop
  correlation me-1

    0.3 ms  attempt 1: endpoint sand[0], b1:80
    1.5 ms  failed before a connection stood: backend-connection-refused (101503)
            ECONNREFUSED
            another endpoint took the call over

    1.6 ms  attempt 2: endpoint sand[1], b2:80
  200.1 ms  a new connection stood
 1200.6 ms  failed while the answer was waited for: backend-socket-timeout (101507 = 101504 + 3)
            silent for 1000 ms
            fired: first-byte, 1000 ms, at 1199 ms of the attempt; passthru_http.http.socket.timeout (deployment.toml:3)
            it stays there: the backend may have acted on the request, so that it must not be sent twice
            next would have fired: endpoint, 5000 ms, at 5000 ms of the attempt; config.actionDuration (API orders/1.0.0 sand[1] config.actionDuration)

2 further attempts are not told.

 1201.0 ms  over, with status 504: backend-socket-timeout (101507)
            Error in Sender
            setting passthru_http.http.socket.timeout = 1000 (deployment.toml:3)
            The backend was silent for too long.

Endpoints when it was over:
  sand[0]  http://b1/  suspended after backend-connection-refused (101503), tried again in 28800 ms
  sand[1]  http://b2/  off, until it is switched on
`,
  );
});

test('a call that its client gave up says where it stood', () => {
  const { error: _, ...call } = rescued;
  const attempt = {
    ...({ endpoint: 'prod', backend: 'b1:80', began: 0.2, took: 500, connection: 'kept', phase: 3 } as const),
    ...{ phaseName: 'while the answer was waited for', pending: [] },
  };
  const text = storyText({
    ...call,
    ...{
      kept: 'abandoned',
      status: 0,
      end: 'client-closed',
      duration: 500.2,
      attempts: [attempt],
      leftOut: 0,
      endpoints: [],
    },
  });
  assert.match(
    text,
    /over a connection that was kept from earlier calls\n +500\.2 ms {2}broken off while the answer was waited for\n/,
  );
  assert.match(text, /over, without an answer, the client went away\n$/);
});

test('a list names what each call failed of, also where another endpoint answered', () => {
  const { error: _, ...call } = rescued;
  const table = storyTable({
    total: 3,
    calls: [rescued, { ...call, status: 200, attempts: call.attempts.slice(0, 1) }],
  });
  const [, first, second, more] = table.split('\n');
  assert.match(first ?? '', /504 +backend-socket-timeout +1201 ms +orders\/1\.0\.0/);
  assert.match(second ?? '', /200 +backend-connection-refused/);
  assert.equal(more, '2 of 3; --limit shows more');
  assert.equal(storyTable({ total: 0, calls: [] }), 'The gateway keeps no such call.\n');
});

test('a code is read in every way that it can come about, a name as one row, and an id as neither', () => {
  assert.match(codeText('101508') ?? '', /one of \d+.*\n\nbackend-connect-timeout {2}\(code 101508, status 504\)/);
  assert.match(
    codeText('101508') ?? '',
    /backend-closed, while the answer was waited for {2}\(code 101505 \+ 3, status 502\)/,
  );
  assert.match(codeText('303100') ?? '', /^303100 .*\nNo fault of the call/);
  assert.match(codeText('backend-closed') ?? '', /^backend-closed {2}\(code 101505 \+ 2 or 3 or 5, status 502\)/);
  assert.equal(codeText('5f0c'), undefined);
  assert.equal(codeText('999999'), undefined);
});
