import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry } from '../testing/entities.ts';
import { issuer, ordersApi, stage } from '../testing/gateway.ts';
import { bearer, startBackend } from '../testing/http.ts';

test('a 500 of a backend is warned of by its content type, and other answers never are', async (t) => {
  const types = ['X-Application/Hessian; charset=utf-8', 'text/html', undefined, undefined];
  const backend = await startBackend('failing', ({ url }, response) => {
    const type = types[Number(url.at(-1))];
    if (type !== undefined) response.setHeader('Content-Type', type);
    response.statusCode = url.endsWith('3') ? 502 : 500;
    response.end('broken');
  });
  t.after(() => backend.close());
  const { call, logged, put } = await stage(t, { warnOn500: ['x-application/hessian', 'none'] });
  await put(entry.api(ordersApi(backend)));
  for (const n of types.keys()) {
    await call(`/orders/1.0.0/${n}`, { headers: { ...bearer(issuer.token()), activityid: `client-${n}` } });
  }
  assert.deepEqual(
    logged.map(({ message, fields }) => {
      const { contentType, correlation, api } = fields as Record<string, unknown>;
      return [message, contentType, correlation, api];
    }),
    [
      ['The backend answered 500', 'x-application/hessian', 'client-0', 'orders/1.0.0'],
      ['The backend answered 500', 'none', 'client-2', 'orders/1.0.0'],
    ],
  );
});

test('the record of a fault carries what the client calls the call, cut to a sensible length', async (t) => {
  const { call, logged, backend } = await stage(t);
  await backend.close();
  await call('/orders/1.0.0/x', { headers: { ...bearer(issuer.token()), ActivityId: 'x'.repeat(500) } });
  const record = logged.find(({ message }) => message === 'The backend did not answer');
  assert.equal((record as { fields: { correlation: string } }).fields.correlation, 'x'.repeat(128));
});
