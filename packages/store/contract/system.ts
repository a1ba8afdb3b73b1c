import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fixture } from './contract.ts';
import { rejectsConflict } from './expect.ts';
import { sampleArtifact, sampleSigningKey, unique } from './samples.ts';

export function systemContract(fixture: Fixture): void {
  const system = () => fixture.store.system;

  test('of starters that find no signing key, one makes it and all use it', async () => {
    const stores = [fixture.store, await fixture.database.another(), await fixture.database.another()];
    const first = (store: typeof fixture.store) =>
      store.transaction(async (tx) => {
        const [known] = await tx.system.signingKeys.list();
        if (known !== undefined) return known.kid;
        const made = sampleSigningKey();
        await tx.system.signingKeys.create(made);
        return made.kid;
      });
    const used = await Promise.all([...stores, ...stores].map(first));
    assert.equal(new Set(used).size, 1);
    assert.equal((await system().signingKeys.list()).length, 1);
  });

  test('signing keys are kept oldest first and can be retired and removed', async () => {
    const [old, young] = [sampleSigningKey({ createdTime: 1 }), sampleSigningKey({ createdTime: 2 })];
    await system().signingKeys.create(young);
    await system().signingKeys.create(old);
    await rejectsConflict(system().signingKeys.create(old), 'signing-key');
    const retired = { ...old, retiredTime: 5 };
    assert.equal(await system().signingKeys.update(retired), true);
    const kept = (await system().signingKeys.list()).filter((key) => [old.kid, young.kid].includes(key.kid));
    assert.deepEqual(kept, [retired, young]);
    assert.equal(await system().signingKeys.remove(old.kid), true);
    assert.equal(await system().signingKeys.update(retired), false);
  });

  test('an artifact is found by id, uid and user code until it expires', async () => {
    const { artifacts } = system();
    const artifact = sampleArtifact({ uid: unique('uid'), userCode: unique('code'), grantId: unique('grant') });
    await artifacts.put(artifact);
    assert.deepEqual(await artifacts.get(artifact.model, artifact.id), artifact);
    assert.deepEqual(await artifacts.findByUid(artifact.model, artifact.uid as string), artifact);
    assert.deepEqual(await artifacts.findByUserCode(artifact.model, artifact.userCode as string), artifact);
    assert.equal(await artifacts.get('Session', artifact.id), undefined);
    await artifacts.put({ ...artifact, payload: { changed: true }, expiresAt: Date.now() - 1 });
    assert.equal(await artifacts.get(artifact.model, artifact.id), undefined);
    assert.equal(await artifacts.consume(artifact.model, artifact.id, Date.now()), false);
    const lasting = sampleArtifact({ expiresAt: null });
    await artifacts.put(lasting);
    assert.deepEqual(await artifacts.get(lasting.model, lasting.id), lasting);
  });

  test('a code is consumed once, however many race for it, in however many processes', async () => {
    const elsewhere = (await fixture.database.another()).system.artifacts;
    const { artifacts } = system();
    const artifact = sampleArtifact();
    await artifacts.put(artifact);
    const wins = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 ? artifacts : elsewhere).consume(artifact.model, artifact.id, 1000 + index),
      ),
    );
    assert.equal(wins.filter(Boolean).length, 1);
    await artifacts.put(artifact);
    const kept = await artifacts.get(artifact.model, artifact.id);
    assert.equal(kept?.consumedTime, 1000 + wins.indexOf(true), 'an older copy does not undo it');
    assert.equal(await artifacts.consume(artifact.model, 'unknown', 1), false);
  });

  test('artifacts go by id, by grant and by age', async () => {
    const { artifacts } = system();
    const grantId = unique('grant');
    const [one, two, three] = [sampleArtifact({ grantId }), sampleArtifact({ grantId }), sampleArtifact()] as const;
    for (const each of [one, two, three]) await artifacts.put(each);
    await artifacts.removeByGrant(grantId);
    assert.equal(await artifacts.get(one.model, one.id), undefined);
    assert.equal(await artifacts.get(two.model, two.id), undefined);
    await artifacts.remove(three.model, three.id);
    assert.equal(await artifacts.get(three.model, three.id), undefined);
    await artifacts.put(sampleArtifact({ expiresAt: 10 }));
    await artifacts.put(sampleArtifact({ expiresAt: 11 }));
    assert.equal(await artifacts.removeExpired(10), 1);
    assert.equal(await artifacts.removeExpired(11), 1);
  });

  test('a revocation is kept until its token has expired, told however often', async () => {
    const { revocations } = system();
    const tokenId = unique('jti');
    assert.equal(await revocations.has(tokenId), false);
    await revocations.add({ tokenId, expiresAt: 2000 });
    await revocations.add({ tokenId, expiresAt: 1000 });
    assert.equal(await revocations.has(tokenId), true);
    assert.deepEqual(await revocations.list(1500), [{ tokenId, expiresAt: 2000 }]);
    assert.deepEqual(await revocations.list(2000), []);
    assert.equal(await revocations.removeExpired(1999), 0);
    assert.equal(await revocations.removeExpired(2000), 1);
    assert.equal(await revocations.has(tokenId), false);
  });

  test('named values keep any JSON', async () => {
    const name = unique('sample.installed');
    assert.equal(await system().values.get(name), undefined);
    for (const value of [null, false, 0, '', [1, 'a'], { a: { b: null } }]) {
      await system().values.set(name, value);
      assert.deepEqual(await system().values.get(name), value);
    }
  });
}
