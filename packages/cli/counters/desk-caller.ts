import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { CallStory, CounterState, EndpointState } from '@sluice/model';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';
import { type DeskQuestion, type Desks, deskSocket, largestAnswer } from './desk-socket.ts';

/** Milliseconds for an answer. */
const patience = 10_000;

/** What the gateway that runs in a home can be asked, at its socket. Rejects with `UsageError` where none runs. */
export function desksOf(home: Home): Desks {
  const ask = async <T>(question: DeskQuestion): Promise<T> => (await exchange(home, question)) as T;
  return {
    counters: {
      list: (query) => ask({ verb: 'list', ...query }),
      find: async (id) => (await ask<CounterState | null>({ verb: 'find', id })) ?? undefined,
      reset: (id) => ask({ verb: 'reset', id }),
    },
    stories: {
      find: async (id) => (await ask<CallStory | null>({ verb: 'story', id })) ?? undefined,
      list: (query) => ask({ verb: 'stories', ...query }),
    },
    endpoints: {
      list: (query) => ask({ verb: 'endpoints', ...query }),
      switch: async (id, on, by) =>
        (await ask<EndpointState | null>({ verb: 'switch-endpoint', id, on, by })) ?? undefined,
    },
  };
}

async function exchange(home: Home, question: DeskQuestion): Promise<unknown> {
  const socket = await call(home);
  socket.setTimeout(patience, () => socket.destroy(new Error('the gateway in this home does not answer')));
  socket.write(`${JSON.stringify(question)}\n`);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    text += chunk;
    if (text.length > largestAnswer) throw new Error('the answer is too long; ask for fewer with --limit or --search');
  }
  if (!text.endsWith('\n')) throw new Error('the gateway in this home ended before it had answered');
  const { value, error } = JSON.parse(text) as { value?: unknown; error?: string };
  if (error !== undefined) throw new Error(error);
  return value;
}

async function call(home: Home): Promise<Socket> {
  let release = () => {};
  try {
    const address = deskSocket(home);
    release = address.release;
    const socket = connect(address.path);
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') throw new UsageError(`the gateway in ${home.path} is another user's: ask as that user`);
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED' && code !== 'ENOTDIR') throw error;
    throw new UsageError(`no gateway runs in the home ${home.path}: start it, or name another home with --home`);
  } finally {
    release();
  }
}
