import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, type LeafEndpoint, type LoadBalanceEndpoint, silentLog } from '@sluice/model';
import fc from 'fast-check';
import type { ChainSettings } from '../chain/settings.ts';
import type { BackendFault, BackendRequest, Call, FaultKind, ResponseHead } from '../transport/call.ts';
import type { Sender } from './sender.ts';
import { GroupModel, type ModelCall } from './testing/group-model.ts';

// The clock of the gateway is taken from here when it is first imported.
let now = 0;
performance.now = () => now;
const { Exchange } = await import('../chain/exchange.ts');
const { onBackendFault } = await import('../chain/backend-fault.ts');
const { send } = await import('../chain/send.ts');
const { bareSettings } = await import('../testing/settings.ts');
const { emptySnapshot } = await import('../snapshot/picture.ts');
const { compileApi } = await import('../snapshot/api.ts');
const { LeafRecords } = await import('./leaf-records.ts');
const { groupSettings } = await import('./group-settings.ts');
const { deployedApi, leaf } = await import('../testing/entities.ts');

const codeLists = fc.oneof(
  fc.constant<string[]>([]),
  fc.constant(['-1']),
  fc.uniqueArray(fc.constantFrom('101503', '101504', '101505', '101508', '101509'), { minLength: 1, maxLength: 3 }),
);
const anyLeaf = fc
  .record({
    mark: fc.record({ errorCodes: codeLists, retriesBeforeSuspension: fc.nat(2), retryDelay: fc.nat(50) }),
    suspend: fc.record({
      errorCodes: codeLists,
      initialDuration: fc.option(fc.nat(100)),
      maximumDuration: fc.option(fc.nat(200)),
      progressionFactor: fc.constantFrom(1, 1.5, 2, 0.5),
    }),
    retry: fc.option(fc.record({ disabledErrorCodes: codeLists, enabledErrorCodes: codeLists }), { nil: undefined }),
  })
  .map(({ mark, suspend, retry }) =>
    leaf('http://b/', {
      markForSuspension: mark,
      suspendOnFailure: { ...suspend, disabled: false },
      ...(retry === undefined ? {} : { retry }),
    }),
  );
const panic = fc.option(fc.constantFrom(1, 34, 50, 100), { nil: undefined, freq: 3 });
const { tree } = fc.letrec<{ tree: Endpoint; node: Endpoint }>((tie) => ({
  node: fc.oneof({ maxDepth: 2 }, { weight: 4, arbitrary: anyLeaf }, { weight: 1, arbitrary: tie('tree') }),
  tree: fc.oneof(
    fc.record({ children: fc.array(tie('node'), { minLength: 1, maxLength: 4 }), still: fc.boolean(), panic }).map(
      ({ children, still, panic }): Endpoint => ({
        ...{ kind: 'failover', name: '', children },
        ...(still ? { dynamic: false as const } : {}),
        ...(panic === undefined ? {} : { panicThreshold: panic }),
      }),
    ),
    fc
      .record({
        members: fc.array(fc.tuple(tie('node'), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 4 }),
        algorithm: fc.constantFrom<LoadBalanceEndpoint['algorithm']>(
          'round_robin',
          'weighted_round_robin',
          'weighted_least_connections',
        ),
        failover: fc.boolean(),
        timeout: fc.option(fc.integer({ min: 1, max: 300 }), { freq: 3 }),
        panic,
      })
      .map(
        ({ members, algorithm, failover, timeout, panic }): Endpoint => ({
          ...{ kind: 'load_balance', name: '', algorithm, failover },
          session: timeout === null ? null : { type: 'http', timeout },
          children: members.map(([child]) => child),
          weights: members.map(([, weight]) => weight),
          ...(panic === undefined ? {} : { panicThreshold: panic }),
        }),
      ),
  ),
}));

/** Gives every leaf a name of its own. */
function named(endpoint: Endpoint, name: string): Endpoint {
  if (!('children' in endpoint)) return { ...endpoint, name };
  return { ...endpoint, name, children: endpoint.children.map((child, place) => named(child, `${name}[${place}]`)) };
}

/** What a backend can do, with the code that each fault has at its phase (wso2-gateway.md 2.4). */
const faults: Readonly<Record<string, { kind: FaultKind; phase: number; code: number; own?: true }>> = {
  refused: { kind: 'connect-refused', phase: 0, code: 101503 },
  slowConnect: { kind: 'connect-timeout', phase: 0, code: 101508 },
  timeout: { kind: 'timeout', phase: 3, code: 101504 },
  closed: { kind: 'closed', phase: 3, code: 101508 },
  closing: { kind: 'closed', phase: 0, code: 101505 },
  broken: { kind: 'protocol', phase: 3, code: 101509 },
  full: { kind: 'pool-full', phase: 0, code: 101504, own: true },
};

type Step =
  | { readonly do: 'call'; readonly method: string; readonly session: string | null }
  | { readonly do: 'answer'; readonly which: number; readonly session: string | null }
  | { readonly do: 'fail'; readonly which: number; readonly fault: string }
  | { readonly do: 'wait'; readonly millis: number }
  | { readonly do: 'switch'; readonly which: number; readonly on: boolean };

/** What a call or an answer says of its session. */
const session = fc.option(fc.constantFrom('JSESSIONID=a', 'JSESSIONID=b'));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('call' as const), method: fc.constantFrom('GET', 'POST'), session }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(5), session }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      which: fc.nat(5),
      fault: fc.constantFrom(...Object.keys(faults)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), millis: fc.nat(120) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('switch' as const), which: fc.nat(20), on: fc.boolean() }) },
);

/** A call as the chain sees it: what is sent is noted, and answers of the gateway are. */
class FakeCall {
  readonly head: object;
  readonly contentLength = 0;
  readonly id = 'call';
  readonly remoteAddress = '127.0.0.1';
  sends = 0;
  code: string | null = null;

  constructor(method: string, session: string | null) {
    const header = (name: string) => (name === 'cookie' && session !== null ? `theme=dark; ${session}` : undefined);
    this.head = { method, query: '', host: 'gateway', webSocketKey: null, header };
  }

  send(_: BackendRequest): void {
    this.sends++;
  }

  reply(_status: number, _lines: string, body: string): void {
    this.code = JSON.parse(body).code;
  }
}

const chainSettings = {
  log: silentLog,
  faultLog: { record: () => {} },
  faultStatus: 'sluice',
  stories: { fired: () => null },
  loggedHeaders: [],
} as unknown as ChainSettings;

interface Running {
  readonly exchange: InstanceType<typeof Exchange>;
  readonly call: FakeCall;
  readonly model: ModelCall;
  readonly repeatable: boolean;
}

/** The gateway's groups and leaves over a tree, beside the model. */
class Both {
  readonly #model: GroupModel;
  readonly #records: InstanceType<typeof LeafRecords>;
  readonly #sender: Sender;
  readonly #running: Running[] = [];

  constructor(endpoint: Endpoint) {
    now = 0;
    this.#model = new GroupModel(endpoint);
    this.#records = new LeafRecords(silentLog);
    const groups = groupSettings({ retryFloor: 1_000_000 }, { keepsBody: 0 });
    const api = deployedApi({ endpoints: { production: endpoint, sandbox: null } });
    this.#sender = compileApi(api, { ...bareSettings, leaves: this.#records, groups }).production as Sender;
  }

  play(step: Step): void {
    const running = 'which' in step ? this.#running[step.which % Math.max(1, this.#running.length)] : undefined;
    if (step.do === 'wait') {
      now += step.millis;
      this.#model.now = now;
    } else if (step.do === 'switch') this.#switch(step.which, step.on);
    else if (step.do === 'call') this.#begin(step.method, step.session);
    else if (running === undefined) return;
    else if (step.do === 'answer') this.#answer(running, step.session);
    else this.#fail(running, faults[step.fault] as (typeof faults)[string]);
    this.#compareStates();
  }

  #switch(which: number, on: boolean): void {
    const names = [...this.#model.leaves.keys()];
    const name = names[which % names.length] as string;
    for (const { name: found, state } of this.#records.all()) {
      if (found === name && on) state.switchOn(now);
      else if (found === name) state.switchOff(now);
    }
    this.#model.switch(name, on);
  }

  #begin(method: string, session: string | null): void {
    const call = new FakeCall(method, session);
    const exchange = new Exchange(call as unknown as Call, chainSettings, emptySnapshot);
    exchange.sender = this.#sender;
    send(exchange);
    const model = this.#model.begin(session);
    const running = { exchange, call, model, repeatable: method === 'GET' };
    this.#compareChoice(running, 1, this.#model.leaves.size > 1 && 'takeOver' in this.#sender ? '303000' : '303001');
    if (model.leaf === null) exchange.leaf?.left();
    else this.#running.push(running);
  }

  #answer(running: Running, session: string | null): void {
    const eachHeader = (visit: (name: string, value: string) => void) =>
      session === null ? undefined : visit('Set-Cookie', `${session}; Path=/`);
    running.exchange.affinity?.answered({ eachHeader } as ResponseHead);
    running.exchange.leaf?.record.answered(200);
    running.exchange.leaf?.left();
    this.#model.answer(running.model, session);
    this.#end(running);
  }

  #fail(
    running: Running,
    { kind, phase, code, own = false }: { kind: FaultKind; phase: number; code: number; own?: boolean },
  ): void {
    const { exchange, call, model, repeatable } = running;
    const replayable = phase === 0 || repeatable;
    const sends = call.sends;
    const fault: BackendFault = { kind, phase, replayable, message: '', elapsed: 0, deadline: null } as BackendFault;
    onBackendFault(exchange, fault);
    this.#model.fail(model, code, own, replayable);
    this.#compareChoice(running, sends + 1, model.isBound && !own ? '309003' : String(code));
    if (model.leaf !== null) return;
    exchange.leaf?.left();
    this.#end(running);
  }

  #end(running: Running): void {
    this.#running.splice(this.#running.indexOf(running), 1);
  }

  /** The call was sent to the leaf that the model chose, or the client was told this code. */
  #compareChoice({ exchange, call, model }: Running, sends: number, code: string): void {
    if (model.leaf === null) assert.equal(call.code, model.refusal ?? code);
    else assert.deepEqual([call.code, call.sends, exchange.leaf?.name], [null, sends, model.leaf.rules.name]);
  }

  #compareStates(): void {
    for (const { name, state, load } of this.#records.all()) {
      const expected = this.#model.leaves.get(name);
      assert.ok(expected !== undefined);
      const { status, retryAt } = state.facts;
      assert.deepEqual({ name, status, load }, { name, status: expected.status, load: expected.load });
      if (status === 'timeout' || status === 'suspended') assert.equal(retryAt, expected.until, name);
    }
  }
}

test('groups and states choose as a model of them does, whatever backends, operators and clock do', () => {
  fc.assert(
    fc.property(
      tree.map((endpoint) => named(endpoint, 'prod')),
      fc.array(step, { minLength: 10, maxLength: 80 }),
      (endpoint, steps) => {
        const both = new Both(endpoint);
        for (const one of steps) both.play(one);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a leaf of its own follows the model too', () => {
  fc.assert(
    fc.property(anyLeaf, fc.array(step, { maxLength: 60 }), (endpoint, steps) => {
      const both = new Both(named(endpoint as LeafEndpoint, 'prod'));
      for (const one of steps) both.play(one);
    }),
    { numRuns: 150 },
  );
});
