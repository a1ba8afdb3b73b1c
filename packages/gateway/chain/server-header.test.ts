import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry } from '../testing/entities.ts';
import { issuer, ordersApi, stage } from '../testing/gateway.ts';
import { bearer, startBackend } from '../testing/http.ts';

const rows = [
  { options: {}, named: 'Sluice', unnamed: 'Sluice', own: 'Sluice' },
  {
    options: { serverHeader: { name: 'Gate/1', passesOn: true } },
    named: 'backend/2',
    unnamed: 'Gate/1',
    own: 'Gate/1',
  },
  {
    options: { serverHeader: { name: '', passesOn: false } },
    named: undefined,
    unnamed: undefined,
    own: undefined,
  },
] as const;

for (const { options, named, unnamed, own } of rows) {
  test(`an answer names the server ${named}, ${unnamed} where the backend does not, ${own} where it is the gateway's`, async (t) => {
    const backend = await startBackend('named', ({ url }, response) => {
      if (url.endsWith('/named')) response.setHeader('Server', 'backend/2');
      response.statusCode = url.endsWith('/empty/named') ? 204 : 200;
      response.end();
    });
    t.after(() => backend.close());
    const { call, put } = await stage(t, options);
    await put(entry.api(ordersApi(backend)));
    const headers = bearer(issuer.token());
    assert.equal((await call('/orders/1.0.0/named', { headers })).headers.server, named);
    assert.equal((await call('/orders/1.0.0/empty/named', { headers })).headers.server, named);
    assert.equal((await call('/orders/1.0.0/unnamed', { headers })).headers.server, unnamed);
    assert.equal((await call('/nowhere')).headers.server, own);
  });
}
