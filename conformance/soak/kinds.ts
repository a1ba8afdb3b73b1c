import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.ts';
import type { Dice } from './dice.ts';
import type { Answering, Deed } from './ledger.ts';
import type { World } from './world.ts';

/** One way in which clients behave. */
export interface Kind {
  readonly name: string;
  /** Clients that do so at the same time. */
  readonly clients: number;
  /** One session of such a client, on a connection of its own. */
  readonly session: (world: World, roll: Dice, name: string) => Promise<void>;
}

const deeds: readonly Deed[] = ['reset', 'close', 'lie', 'cut', 'garbage', 'interim', 'leave', 'last', 'slow'];
const forms: readonly Answering[] = ['length', 'chunked', 'close'];

/** Mostly small, now and then large, up to `most`. */
function someBytes(roll: Dice, most: number): number {
  return 1 + roll(2 ** (4 + roll(Math.log2(most) - 3)));
}

/** Calls one after the other on one connection. */
async function keepCalling(
  world: World,
  roll: Dice,
  secure: boolean,
  call: (client: Client) => Promise<boolean>,
  most = 30,
): Promise<void> {
  const client = await world.open(secure);
  for (let left = 1 + roll(most); left > 0 && !world.stopping; left--) {
    if (!(await call(client))) break;
    await delay(roll(15));
  }
  world.leave(client);
}

function pick<T>(roll: Dice, from: readonly T[]): T {
  return from[roll(from.length)] as T;
}

export const kinds: readonly Kind[] = [
  {
    name: 'small GET, kept connection',
    clients: 10,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) => world.call(client, world.ledger.begin(kind, { size: roll(1024) }))),
  },
  {
    name: 'small GET, new connection',
    clients: 4,
    session: async (world, roll, kind) => {
      const client = await world.open();
      await world.call(client, world.ledger.begin(kind, { size: roll(1024) }), { close: roll(3) > 0 });
      world.leave(client);
      await delay(roll(20));
    },
  },
  {
    name: 'GET over TLS, kept connection',
    clients: 4,
    session: (world, roll, kind) =>
      keepCalling(world, roll, true, (client) =>
        world.call(client, world.ledger.begin(kind, { size: someBytes(roll, 65_536), answering: pick(roll, forms) })),
      ),
  },
  {
    name: 'POST over TLS, new connection',
    clients: 2,
    session: async (world, roll, kind) => {
      const client = await world.open(true);
      const call = world.ledger.begin(kind, { method: 'POST', upload: someBytes(roll, 65_536) });
      await world.call(client, call, { close: true, chunked: roll(2) === 0 });
      world.leave(client);
      await delay(roll(30));
    },
  },
  {
    name: 'POST with a length',
    clients: 6,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) =>
        world.call(client, world.ledger.begin(kind, { method: 'POST', upload: someBytes(roll, 1 << 20) })),
      ),
  },
  {
    name: 'POST and PUT in chunks',
    clients: 6,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) => {
        const method = pick(roll, ['POST', 'PUT']);
        const call = world.ledger.begin(kind, {
          method,
          upload: someBytes(roll, 1 << 20),
          answering: pick(roll, forms),
        });
        return world.call(client, call, { chunked: true, piece: 1 + roll(20_000) });
      }),
  },
  {
    name: 'POST that expects 100',
    clients: 2,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) =>
        world.call(client, world.ledger.begin(kind, { method: 'POST', upload: someBytes(roll, 65_536) }), {
          expectContinue: true,
          chunked: roll(2) === 0,
        }),
      ),
  },
  {
    name: 'HEAD and DELETE',
    clients: 2,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) =>
        world.call(client, world.ledger.begin(kind, { method: pick(roll, ['HEAD', 'DELETE']), size: roll(5000) })),
      ),
  },
  {
    name: 'large answer',
    clients: 3,
    session: (world, roll, kind) =>
      keepCalling(
        world,
        roll,
        roll(4) === 0,
        (client) => {
          const size = (1 << 20) + roll(4 << 20);
          return world.call(client, world.ledger.begin(kind, { size, answering: pick(roll, forms) }));
        },
        5,
      ),
  },
  {
    name: 'pipelined calls',
    clients: 4,
    session: (world, roll, kind) => keepCalling(world, roll, false, (client) => pipeline(world, client, roll, kind)),
  },
  {
    name: 'slow reader',
    clients: 4,
    session: async (world, roll, kind) => {
      const client = await world.open(roll(3) === 0);
      const call = world.ledger.begin(kind, { size: (1 << 20) + roll(7 << 20), answering: pick(roll, forms) });
      await world.call(client, call, { pace: () => delay(roll(20)) });
      world.leave(client);
    },
  },
  {
    name: 'slow writer',
    clients: 4,
    session: async (world, roll, kind) => {
      const client = await world.open(roll(3) === 0);
      const call = world.ledger.begin(kind, { method: 'POST', upload: 1000 + roll(200_000) });
      const manner = { chunked: roll(2) === 0, piece: 300 + roll(8000), pace: () => delay(roll(25)) };
      await world.call(client, call, manner);
      world.leave(client);
    },
  },
  {
    name: 'client that goes away',
    clients: 4,
    session: async (world, roll, kind) => {
      const client = await world.open(roll(4) === 0);
      const upload = roll(2) === 0 ? 0 : someBytes(roll, 1 << 20);
      const call = world.ledger.begin(kind, {
        method: upload > 0 ? 'POST' : 'GET',
        upload,
        size: someBytes(roll, 4 << 20),
        deed: pick(roll, ['answer', 'slow'] as const),
      });
      const asked = client.ask(call, { piece: 1000 + roll(60_000), pace: () => delay(roll(3)) });
      await delay(roll(40));
      if (roll(2) === 0) client.crash();
      else client.close();
      await asked;
      world.settle(client, call, 'left');
    },
  },
  {
    name: 'client that rests',
    clients: 10,
    session: async (world, roll, kind) => {
      const client = await world.open(roll(3) === 0);
      while (!world.stopping && client.connection.over === null) {
        if (!(await world.call(client, world.ledger.begin(kind, { size: roll(1024) })))) break;
        for (let left = roll(30); left > 0 && !world.stopping; left--) await delay(100);
      }
      world.leave(client);
    },
  },
  {
    name: 'backend that misbehaves',
    clients: 6,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) => {
        const wish = { deed: pick(roll, deeds), size: someBytes(roll, 65_536) };
        const upload = roll(3) === 0 ? someBytes(roll, 65_536) : 0;
        return world.call(client, world.ledger.begin(kind, upload > 0 ? { ...wish, method: 'POST', upload } : wish));
      }),
  },
  {
    name: 'backend that does not answer',
    clients: 2,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) =>
        world.call(client, world.ledger.begin(kind, { deed: 'hang', api: 'brisk' })),
      ),
  },
  {
    name: 'backend that answers early',
    clients: 2,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) =>
        world.call(
          client,
          world.ledger.begin(kind, { deed: 'early', method: 'POST', upload: someBytes(roll, 131_072) }),
          {
            chunked: roll(2) === 0,
            piece: 4000,
            pace: () => delay(roll(2)),
          },
        ),
      ),
  },
  {
    name: 'calls over HTTP/2, many at once',
    clients: 3,
    session: async (world, roll, kind) => {
      const client = await world.openStreams();
      for (let left = 1 + roll(10); left > 0 && !world.stopping && !client.over; left--) {
        const calls = Array.from({ length: 1 + roll(8) }, () => {
          const upload = roll(3) === 0 ? someBytes(roll, 1 << 18) : 0;
          const deed = pick(roll, ['answer', 'answer', 'answer', 'slow', 'interim', 'reset', 'cut'] as const);
          const wish = { deed, upload, size: someBytes(roll, 1 << 20), answering: pick(roll, forms) };
          return world.ledger.begin(kind, upload > 0 ? { ...wish, method: 'POST' } : wish);
        });
        await Promise.all(calls.map((call) => world.callStream(client, call, roll(10) === 0 ? roll(30) : undefined)));
        await delay(roll(15));
      }
      client.close();
    },
  },
  {
    name: 'WebSocket',
    clients: 3,
    session: async (world, roll, kind) => {
      const client = await world.open(roll(2) === 0);
      await world.tunnel(client, world.ledger.begin(kind, { deed: 'tunnel', size: someBytes(roll, 1 << 20) }));
      world.leave(client);
      await delay(roll(30));
    },
  },
  {
    name: 'two endpoints, one may be away',
    clients: 3,
    session: (world, roll, kind) =>
      keepCalling(world, roll, false, (client) =>
        world.call(client, world.ledger.begin(kind, { api: 'pair', size: roll(4096) })),
      ),
  },
  {
    name: 'refused by the gateway',
    clients: 2,
    session: (world, roll, kind) =>
      keepCalling(world, roll, roll(3) === 0, (client) => {
        if (roll(2) === 0)
          return world.call(client, world.ledger.begin(kind, { api: 'nowhere', expected: ['404 no-api'] }));
        const call = world.ledger.begin(kind, { expected: ['401 missing-credentials'] });
        return world.call(client, call, { token: false });
      }),
  },
];

/** Some calls ahead of their answers, which must come in order. */
async function pipeline(world: World, client: Client, roll: Dice, kind: string): Promise<boolean> {
  const calls = Array.from({ length: 2 + roll(7) }, () => {
    const upload = roll(4) === 0 ? someBytes(roll, 4096) : 0;
    return world.ledger.begin(kind, { method: upload > 0 ? 'POST' : 'GET', upload, size: someBytes(roll, 8192) });
  });
  const asked = (async () => {
    for (const call of calls) await client.ask(call, { chunked: roll(2) === 0 });
  })();
  let goOn = true;
  for (const call of calls) {
    if (goOn) goOn = await world.read(client, call);
    // What was asked ahead of a last answer was never taken.
    else world.settle(client, call, 'left');
  }
  await asked;
  return goOn;
}
