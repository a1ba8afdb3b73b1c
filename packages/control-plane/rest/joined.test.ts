import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@sluice/model';
import { joinedPortal } from './joined.ts';
import type { Portal } from './portal.ts';

const answer = async () => ({ status: 200 });
const about = { title: 'Both', description: 'Two in one.' };

function portalOf(name: string, paths: Record<string, JsonObject>, components: JsonObject = {}): Portal {
  const description = {
    ...{ openapi: '3.0.1', info: { title: name, version: 'v1' }, servers: [{ url: '/api/x/v1' }] as const },
    ...{ tags: [{ name }], paths, components },
  };
  return { name, description, handlers: { [`get${name}`]: answer } };
}

test('two APIs under one path have the operations and components of both', () => {
  const shared = { responses: { NotFound: { description: 'Not there.' } }, schemes: { oauth: { a: 'A' } } };
  const one = portalOf('One', { '/one': { get: {} } }, { ...shared, schemas: { One: {} } });
  const other = portalOf('Other', { '/other': { get: {} } }, { ...shared, schemes: { oauth: { b: 'B' } } });
  const { name, description, handlers } = joinedPortal('both', about, [one, other]);
  assert.deepEqual(
    { name, handlers: Object.keys(handlers), ...description },
    {
      ...{ name: 'both', handlers: ['getOne', 'getOther'], openapi: '3.0.1', servers: [{ url: '/api/x/v1' }] },
      ...{ info: { version: 'v1', ...about }, tags: [{ name: 'One' }, { name: 'Other' }] },
      paths: { '/one': { get: {} }, '/other': { get: {} } },
      components: { ...shared, schemas: { One: {} }, schemes: { oauth: { a: 'A', b: 'B' } } },
    },
  );
});

test('what two APIs understand differently is named at the start, not answered by one of them', () => {
  const one = portalOf('One', { '/x': { get: { a: 1 } } }, { schemas: { Thing: { type: 'object' } } });
  const join = (other: Portal) => () => joinedPortal('both', about, [one, other]);
  assert.throws(join(portalOf('Other', {}, { schemas: { Thing: { type: 'string' } } })), {
    message: /^the Other portal has another \/components\/schemas\/Thing\/type than/,
  });
  assert.throws(join(portalOf('Other', { '/x': { get: { a: 2 } } })), { message: /\/paths\/\/x\/get\/a/ });
  assert.throws(join(portalOf('One', {})), { message: /has another getOne than/ });
});
