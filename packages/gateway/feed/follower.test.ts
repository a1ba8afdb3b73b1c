import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Log, silentLog } from '@sluice/model';
import { Picture } from '../snapshot/picture.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { application, deployedApi, entry, key, subscription } from '../testing/entities.ts';
import { bareSettings } from '../testing/settings.ts';
import { TestSource } from '../testing/source.ts';
import { until } from '../testing/until.ts';
import { Follower } from './follower.ts';

interface Following {
  readonly follower: Follower<Snapshot>;
  readonly pictures: Snapshot[];
  readonly warnings: string[];
  /** The newest picture. */
  now(): Snapshot;
  serves(path: string): boolean;
}

function follow(t: TestContext, source: TestSource, snapshotFile?: string): Following {
  const pictures: Snapshot[] = [];
  const warnings: string[] = [];
  const note = (message: string) => void warnings.push(message);
  const log: Log = { ...silentLog, warn: note, error: note };
  const follower = new Follower({
    source,
    environment: 'Default',
    ...(snapshotFile === undefined ? {} : { snapshotFile }),
    picture: new Picture(bareSettings, log),
    publish: (snapshot) => void pictures.push(snapshot),
    log,
  });
  t.after(() => follower.close());
  const now = () => pictures.at(-1) as Snapshot;
  return { follower, pictures, warnings, now, serves: (path) => now()?.routes.find(path, '') !== undefined };
}

function api(name: string) {
  return entry.api(deployedApi({ id: name, name, basePath: `/${name}/1.0.0` }));
}

async function temporaryFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-follower-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'snapshot');
}

test('events change the picture; a burst makes few pictures', async (t) => {
  const source = new TestSource([api('first')]);
  const following = follow(t, source);
  await following.follower.ready;
  for (let i = 0; i < 500; i++) source.put(api(`api-${i}`));
  source.remove('api', 'first');
  await until(() => following.follower.sequence === source.sequence, 'the events');
  assert.ok(following.serves('/api-499/1.0.0') && !following.serves('/first/1.0.0'));
  assert.ok(following.pictures.length < 20, `${following.pictures.length} pictures`);
});

test('events of another environment move the sequence and nothing else', async (t) => {
  const source = new TestSource([]);
  const following = follow(t, source);
  await following.follower.ready;
  source.put(api('elsewhere'), 'Other');
  source.put(api('here'), 'Default');
  await until(() => following.follower.sequence === source.sequence, 'the events');
  assert.ok(following.serves('/here/1.0.0') && !following.serves('/elsewhere/1.0.0'));
});

test('a source that was away is taken up where it stopped, without a new snapshot', async (t) => {
  const source = new TestSource([api('first')]);
  const following = follow(t, source);
  await following.follower.ready;
  source.available = false;
  source.put(api('second'));
  await until(() => following.warnings.length > 0, 'the loss to be noticed');
  assert.ok(following.serves('/first/1.0.0'));
  source.available = true;
  await until(() => following.serves('/second/1.0.0'), 'the missed event');
  assert.equal(source.snapshots, 1);
});

test('a gap in the events brings a new snapshot that also takes things away', async (t) => {
  const source = new TestSource([api('first'), api('gone')]);
  const following = follow(t, source);
  await following.follower.ready;
  source.available = false;
  source.put(api('second'));
  source.remove('api', 'gone');
  source.forget();
  source.available = true;
  await until(() => following.serves('/second/1.0.0'), 'the new snapshot');
  assert.ok(following.serves('/first/1.0.0') && !following.serves('/gone/1.0.0'));
});

test('another installation with lower numbers replaces the picture', async (t) => {
  const source = new TestSource([api('old')]);
  const following = follow(t, source);
  await following.follower.ready;
  for (let i = 0; i < 10; i++) source.put(api('old'));
  await until(() => following.follower.sequence === source.sequence, 'the events');
  source.available = false;
  source.reinstall([api('new')]);
  source.available = true;
  await until(() => following.serves('/new/1.0.0'), 'the other installation');
  assert.ok(!following.serves('/old/1.0.0'));
  assert.equal(following.follower.sequence, 1);
});

test('a start without the source serves what was kept, and catches up', async (t) => {
  const file = await temporaryFile(t);
  const source = new TestSource([api('kept'), entry.application(application())]);
  const before = follow(t, source, file);
  await before.follower.ready;
  await before.follower.close();

  source.available = false;
  source.put(api('missed'));
  const after = follow(t, source, file);
  await after.follower.ready;
  assert.ok(after.serves('/kept/1.0.0') && !after.serves('/missed/1.0.0'));
  assert.ok(after.now().applications.get('app-1'));
  source.available = true;
  await until(() => after.serves('/missed/1.0.0'), 'what was missed');
});

test('a damaged file is reported and ignored, and replaced later', async (t) => {
  const file = await temporaryFile(t);
  await writeFile(file, '{"format":1,"environment":"Default","sequence":9}\n{"kind":"api","id":"x"');
  const source = new TestSource([api('good')]);
  source.available = false;
  const following = follow(t, source, file);
  await until(() => following.warnings.some((text) => text.includes('on disk is ignored')), 'the warning');
  assert.equal(following.pictures.length, 0);
  source.available = true;
  await following.follower.ready;
  assert.ok(following.serves('/good/1.0.0'));
  await following.follower.close();
  assert.match(await readFile(file, 'utf8'), /"good"/);
});

test('an API that cannot be compiled does not stop the others, and keeps its last good form', async (t) => {
  const source = new TestSource([api('first'), api('second')]);
  const following = follow(t, source);
  await following.follower.ready;
  const deep = deployedApi({ id: 'first', name: 'first', basePath: '/x'.repeat(500) });
  source.put(entry.api(deep));
  source.put(api('third'));
  await until(() => following.serves('/third/1.0.0'), 'the event after it');
  assert.ok(following.serves('/first/1.0.0') && following.serves('/second/1.0.0'));
  assert.ok(following.warnings.some((text) => text.includes('last good revision')));
});

test('a subscription may come before its application and leave after it', async (t) => {
  const source = new TestSource([entry.subscription(subscription()), entry.key(key())]);
  const following = follow(t, source);
  await following.follower.ready;
  source.put(entry.application(application()));
  await until(() => following.now().applications.get('app-1')?.subscriptions.has('api-1') === true, 'the application');
  source.remove('application', 'app-1');
  source.remove('subscription', 'app-1/api-1');
  source.put(entry.application(application()));
  await until(() => following.follower.sequence === source.sequence, 'the events');
  assert.equal(following.now().applications.get('app-1')?.subscriptions.size, 0);
});

test('one changed API among 10,000 costs little', async (t) => {
  const source = new TestSource(Array.from({ length: 10_000 }, (_, i) => api(`api-${i}`)));
  const following = follow(t, source);
  await following.follower.ready;
  const before = following.now();
  const cpu = process.cpuUsage();
  for (let i = 0; i < 20; i++) {
    source.put(api(`api-${i}`));
    await until(() => following.follower.sequence === source.sequence, 'the event');
  }
  const { user, system } = process.cpuUsage(cpu);
  const perChange = (user + system) / 20 / 1000;
  assert.ok(perChange < 20, `${perChange.toFixed(1)} ms of CPU per change`);
  const same = (path: string) => before.routes.find(path, '')?.target === following.now().routes.find(path, '')?.target;
  assert.ok(same('/api-5000/1.0.0') && !same('/api-5/1.0.0'));
});
