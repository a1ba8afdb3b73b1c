import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backends, type Borrower } from './backend-pool.ts';
import type { Route } from './call.ts';
import type { Dialer, DialUser } from './dial/dial.ts';
import { defaultLimits, defaultPool, defaultTimeouts } from './options.ts';
import type { BackendFailure, BackendSide } from './sides.ts';
import type { TcpHandle } from './socket/handles.ts';

const route: Route = { host: 'b.example', port: 80, tls: null };
const failure: BackendFailure = { kind: 'connect-refused', message: '', answering: false, deadline: null };

/** A connection that does nothing. */
function handle(): TcpHandle {
  const nothing = () => 0;
  return {
    useUserBuffer: nothing,
    readStart: nothing,
    readStop: nothing,
    close: nothing,
    reset: nothing,
  } as unknown as TcpHandle;
}

/** Connects and fails when it is told to. */
class Dials {
  readonly names = { failed: 0 };
  readonly open: DialUser[] = [];

  proxyOf(): null {
    return null;
  }

  dial(_route: Route, _protocols: unknown, _timeouts: unknown, _limits: unknown, user: DialUser) {
    this.open.push(user);
    return { cancel: () => void this.open.splice(this.open.indexOf(user), 1) };
  }

  close(): void {}

  settle(which: number, connects: boolean): void {
    const [user] = this.open.splice(which % this.open.length, 1);
    if (connects) user?.connectedTcp(handle());
    else user?.dialFailed(failure);
  }
}

class Caller implements Borrower {
  readonly answerDue = Number.POSITIVE_INFINITY;
  readonly fresh: boolean;
  state: 'waits' | 'has' | 'over' = 'waits';
  connection: BackendSide | null = null;

  constructor(fresh: boolean) {
    this.fresh = fresh;
  }

  borrowed(connection: BackendSide): void {
    assert.equal(this.state, 'waits', 'a call got something twice');
    assert.ok(!this.fresh || connection.uses === 0, 'a used connection for a call that wants a new one');
    this.state = 'has';
    this.connection = connection;
    (connection as { uses: number }).uses++;
  }

  borrowFailed(): void {
    assert.equal(this.state, 'waits', 'a call got something twice');
    this.state = 'over';
  }
}

const step = fc.record({
  what: fc.constantFrom(
    'borrow',
    'borrow',
    'borrow fresh',
    'connect',
    'connect',
    'fail',
    'release',
    'destroy',
    'withdraw',
  ),
  which: fc.nat(),
});

test('whatever happens to calls and connections, none is lost, doubled, or over the bound', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      fc.array(step, { maxLength: 60 }),
      (maxPerRoute, maxPending, steps) => {
        const dials = new Dials();
        const pool = { ...defaultPool, maxPerRoute, maxPending };
        const timeouts = { ...defaultTimeouts, poolWait: 0 };
        const backends = new Backends(defaultLimits, timeouts, pool, dials as unknown as Dialer);
        const callers: Caller[] = [];
        const pick = (state: Caller['state'], which: number): Caller | undefined => {
          const some = callers.filter((caller) => caller.state === state);
          return some[which % some.length];
        };
        const give = (caller: Caller | undefined, how: 'release' | 'destroy'): void => {
          if (!caller) return;
          caller.state = 'over';
          caller.connection?.[how]();
        };
        const withdraw = (caller: Caller | undefined): void => {
          if (!caller) return;
          caller.state = 'over';
          backends.withdraw(route, caller);
        };
        const check = (): void => {
          const now = backends.statistics;
          const [waits, has] = (['waits', 'has'] as const).map(
            (state) => callers.filter((caller) => caller.state === state).length,
          );
          assert.equal(now.backendWaiting, waits, 'calls that nobody knows of');
          assert.equal(now.backendConnecting, dials.open.length);
          assert.equal(now.backendConnections - now.backendIdle - now.backendConnecting, has, 'connections of nobody');
          assert.ok(now.backendConnections <= maxPerRoute, 'more connections than may be');
          if (now.backendWaiting > now.backendConnecting) {
            assert.equal(now.backendConnections, maxPerRoute, 'a call waits though there is room');
            assert.equal(now.backendIdle, 0, 'a call waits though a connection rests');
          }
        };
        for (const { what, which } of steps) {
          if (what === 'borrow' || what === 'borrow fresh') {
            const caller = new Caller(what === 'borrow fresh');
            callers.push(caller);
            backends.borrow(route, caller, caller.fresh);
          } else if (what === 'release' || what === 'destroy') give(pick('has', which), what);
          else if (what === 'withdraw') withdraw(pick('waits', which));
          else if (dials.open.length > 0) dials.settle(which, what === 'connect');
          check();
        }
        while (pick('waits', 0)) withdraw(pick('waits', 0));
        while (pick('has', 0)) give(pick('has', 0), 'destroy');
        backends.close();
        check();
        assert.equal(backends.statistics.backendConnections, 0, 'connections that nobody closed');
      },
    ),
    { numRuns: 3000 },
  );
});
