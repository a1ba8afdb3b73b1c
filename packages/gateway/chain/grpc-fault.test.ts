import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RequestHead } from '../transport/call.ts';
import { grpcFaultLines, isGrpc } from './grpc-fault.ts';

function head(type: string | undefined, majorVersion: 1 | 2 = 2): RequestHead {
  return { majorVersion, header: (name: string) => (name === 'content-type' ? type : undefined) } as RequestHead;
}

test('callers that do not speak gRPC get no gRPC answers', () => {
  for (const type of ['application/grpc', 'Application/GRPC', 'application/grpc+proto', 'application/grpc; x=y'])
    assert.ok(isGrpc(head(type)), type);
  for (const type of [undefined, '', 'application/grpc-web', 'application/grpcx', 'text/application/grpc'])
    assert.ok(!isGrpc(head(type)), type);
  assert.ok(!isGrpc(head('application/grpc', 1)));
});

test('a status without a word in gRPC is unknown', () => {
  const status = (http: number) => /^grpc-status: (\d+)\r$/m.exec(grpcFaultLines(http, ''))?.[1];
  assert.deepEqual([400, 401, 403, 404, 429, 500, 502, 503, 504, 599].map(status), [
    '13',
    '16',
    '7',
    '12',
    '14',
    '2',
    '14',
    '14',
    '14',
    '2',
  ]);
});

test('no message breaks out of its line, and each can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (message) => {
      const lines = grpcFaultLines(500, message).split('\r\n');
      assert.equal(lines.length, 4);
      const written = lines[2]?.slice('grpc-message: '.length) ?? '';
      assert.match(written, /^[\x20-\x7e]*$/);
      assert.equal(decodeURIComponent(written), message.toWellFormed());
    }),
  );
});
