import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeLifecycle, clientToken, subscribe } from '../main-job/journey.ts';
import { RestClient } from '../main-job/rest-client.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { serveApi } from './all-in-one.ts';
import { lineToEach } from './lines.ts';
import { workersOf } from './workers.ts';

test('a change and a revocation reach every worker within a second', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveApi(t, backend.url);
  const { job, apiId } = program;
  const lines = await lineToEach(t, program.urls.gateway as string, workersOf(program));
  const keys = await subscribe(job, apiId);
  const token = await clientToken(job, keys);
  const everywhere = (status: number, millis: number) =>
    eventually(`every worker answers ${status}`, millis, async () => {
      const answers = await Promise.all(lines.map((line) => line.get('/open/1.0.0/closed', token)));
      return answers.every((answer) => answer === status) ? true : undefined;
    });
  await everywhere(200, 5000);

  const client = new RestClient(
    job.control,
    `Basic ${Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')}`,
  );
  await client.call('POST', '/oauth2/revoke', { urlencoded: { token, token_type_hint: 'access_token' }, expect: 200 });
  await everywhere(401, 1000);

  await changeLifecycle(job, apiId, 'Block');
  await everywhere(503, 1000);
  assert.equal(await program.stop(), 0);
});
