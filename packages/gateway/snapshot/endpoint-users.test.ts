import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, type SharedEndpoint, silentLog } from '@sluice/model';
import { deployedApi } from '../testing/entities.ts';
import { bareSettings } from '../testing/settings.ts';
import { Picture } from './picture.ts';

const indirect = (key: string): Endpoint => ({ kind: 'indirect', name: 'prod', key, parameters: {} });

function shared(name: string): SharedEndpoint {
  const endpointConfig = { production_endpoints: { url: 'http://b' } };
  return { id: name, organization: 'carbon.super', name, description: '', parameters: [], endpointConfig };
}

function api(id: string, key: string) {
  return deployedApi({ id, basePath: `/${id}`, endpoints: { production: indirect(key), sandbox: null } });
}

/** The number of APIs that a change compiles beside what it is about. */
function caughtUp(picture: Picture): number {
  return [...picture.catchUp()].length;
}

test('a change of a shared endpoint compiles the APIs that refer to it now, each once, and no other', () => {
  const picture = new Picture(bareSettings, silentLog);
  for (const [id, key] of [
    ['one', 'a'],
    ['two', 'a'],
    ['three', 'b'],
  ] as const)
    picture.apply('api', id, api(id, key));
  for (const name of ['a', 'a', 'b']) picture.apply('endpoint', `carbon.super/${name}`, shared(name));
  assert.equal(caughtUp(picture), 3);
  picture.apply('api', 'two', api('two', 'b'));
  picture.apply('endpoint', 'carbon.super/a', shared('a'));
  assert.equal(caughtUp(picture), 1);
  assert.equal(caughtUp(picture), 0);
  picture.apply('endpoint', 'other.org/a', { ...shared('a'), organization: 'other.org' });
  assert.equal(caughtUp(picture), 0, 'the name of another organization');
});

test('an API that goes together with what it refers to does not come back', () => {
  const picture = new Picture(bareSettings, silentLog);
  picture.apply('api', 'one', api('one', 'a'));
  picture.apply('endpoint', 'carbon.super/a', shared('a'));
  assert.ok(picture.commit(1).routes.find('/one/x', ''));
  picture.apply('endpoint', 'carbon.super/a', null);
  picture.apply('api', 'one', null);
  assert.equal(picture.commit(2).routes.find('/one/x', ''), undefined);
});
