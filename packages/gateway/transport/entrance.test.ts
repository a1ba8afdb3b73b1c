import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:net';
import { test } from 'node:test';
import { ConnectionLimit } from './connection-limit.ts';
import { Entrance } from './entrance.ts';
import type { BoundSocket } from './options.ts';

/** What an entrance sees of a server: whether it listens, and on what. */
class Listening extends EventEmitter {
  listening = true;
  /** The first attempts that fail, as they do without a descriptor. */
  failing = 0;
  close(): void {
    this.listening = false;
  }
  listen(handle: BoundSocket): void {
    this.listening = this.failing-- <= 0;
    if (this.listening) this.emit('listening', handle);
  }
}

for (const [what, failing, handles] of [
  ['a handle that did not come', 0, [undefined, undefined, { fd: 7 }]],
  ['a handle that cannot be listened on', 1, [{ fd: 6 }, { fd: 7 }]],
] as const) {
  test(`${what} is asked for again, though no connection is left that could end`, async () => {
    const server = new Listening();
    server.failing = failing;
    const limit = new ConnectionLimit(1, () => {});
    const coming = [...handles];
    let reopened = 0;
    const entrance = new Entrance(
      server as unknown as Server,
      limit,
      async () => coming.shift() as BoundSocket | undefined,
      () => reopened++,
    );
    entrance.open();
    entrance.arrive({ take: () => {}, refuse: assert.fail });
    assert.equal(server.listening, false);
    const listens = once(server, 'listening');
    entrance.left();
    assert.deepEqual(await listens, [{ fd: 7 }]);
    assert.deepEqual([reopened, server.listening], [1, true]);
    entrance.close(false);
  });
}
