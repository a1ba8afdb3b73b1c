import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../call.ts';
import { Proxies, type ProxyProfile } from './proxies.ts';

const plain = (host: string): Route => ({ host, port: 80, tls: null });
const secured = (host: string): Route => ({ host, port: 443, tls: { serverName: host, verify: 'strict' } });
const profile = (host: string, targets: string[], bypass: string[] = []): ProxyProfile => ({
  host,
  port: 3128,
  targets,
  bypass,
});

test('a profile for all hosts comes after those for some, wherever it stands', () => {
  const proxies = new Proxies({
    plain: [profile('all', ['*']), profile('one', ['a.example'], []), profile('other', ['.*.example'], ['c.example'])],
    secured: [profile('tls', ['a.example'])],
  });
  const rows: [Route, string | undefined][] = [
    [plain('a.example'), 'one:3128'],
    [plain('b.example'), 'other:3128'],
    // What a profile is for and bypasses is called directly, though another profile would take it.
    [plain('c.example'), undefined],
    [plain('d.net'), 'all:3128'],
    [secured('a.example'), 'tls:3128'],
    [secured('b.example'), undefined],
  ];
  for (const [route, label] of rows) assert.equal(proxies.of(route)?.label, label, route.host);
});

test('the proxy of the sender is for everything without a profile, save for the hosts that go past it', () => {
  const proxies = new Proxies({
    everything: { host: '::1', port: 8080, bypass: ['localhost', '*.intra'] },
    plain: [],
    secured: [profile('tls', ['a.example'])],
  });
  assert.equal(proxies.of(plain('a.example'))?.label, '[::1]:8080');
  assert.equal(proxies.of(secured('a.example'))?.label, 'tls:3128');
  assert.equal(proxies.of(secured('b.example'))?.label, '[::1]:8080');
  assert.equal(proxies.of(plain('localhost')), null);
  assert.equal(proxies.of(plain('a.intra')), null);
});

test('credentials are sent only where there are some', () => {
  const { authorization } = new Proxies({
    everything: { host: 'p', port: 1, username: 'üser', password: 'p:w', bypass: [] },
    plain: [],
    secured: [],
  }).of(plain('a')) as { authorization: string };
  assert.equal(authorization, `Proxy-Authorization: Basic ${Buffer.from('üser:p:w').toString('base64')}\r\n`);
  const rules = { everything: { host: 'p', port: 1, bypass: [] }, plain: [], secured: [] };
  assert.equal(new Proxies(rules).of(plain('a'))?.authorization, '');
});

test('a route is decided once', () => {
  const proxies = new Proxies({ everything: { host: 'p', port: 1, bypass: [] }, plain: [], secured: [] });
  const route = plain('a');
  assert.equal(proxies.of(route), proxies.of(route));
});
