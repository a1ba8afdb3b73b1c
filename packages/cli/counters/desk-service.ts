import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Home } from '../home/home.ts';
import { type DeskQuestion, type Desks, deskSocket, largestQuestion } from './desk-socket.ts';

/** Most commands that ask at once, and how long one may take over its question, in milliseconds. */
const mostAskers = 16;
const patience = 5000;

/**
 * Answers the questions of commands at the socket in the home's data folder, which only the program's own user may open.
 * The home's counters must be locked: what is at the path is taken away. Rejects when the socket cannot be made.
 */
export async function serveDesk(home: Home, desks: Desks): Promise<{ close(): void }> {
  const { path, release } = deskSocket(home);
  const askers = new Set<Socket>();
  const server = createServer((socket) => {
    askers.add(socket);
    socket.on('close', () => askers.delete(socket));
    hear(socket, desks);
  });
  server.maxConnections = mostAskers;
  try {
    rmSync(path, { force: true });
    // The socket is made in the call itself, with the rights of this moment.
    const mask = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(mask);
    }
    await once(server, 'listening');
  } catch (error) {
    release();
    throw error;
  }
  return {
    close() {
      server.close();
      for (const socket of askers) socket.destroy();
      rmSync(path, { force: true });
      release();
    },
  };
}

/** Reads one line, answers it, and ends. */
function hear(socket: Socket, desks: Desks): void {
  let text = '';
  socket.on('error', () => {});
  socket.setTimeout(patience, () => socket.destroy());
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length < largestQuestion) return;
    socket.removeAllListeners('data');
    void answer(text.slice(0, end), desks).then((line) => socket.end(`${line}\n`));
  });
}

async function answer(line: string, desks: Desks): Promise<string> {
  try {
    return JSON.stringify({ value: await ask(JSON.parse(line) as DeskQuestion, desks) });
  } catch (error) {
    return JSON.stringify({ error: (error as Error).message });
  }
}

/** Whoever can open the socket can end the program: what it asks is only as wrong as another release of the command. */
function ask(question: DeskQuestion, { counters, stories, endpoints }: Desks): Promise<unknown> {
  switch (question.verb) {
    case 'list': {
      const { verb: _, ...query } = question;
      return counters.list(query);
    }
    case 'find':
      return counters.find(String(question.id));
    case 'reset':
      return counters.reset(String(question.id));
    case 'story':
      return stories.find(String(question.id));
    case 'stories': {
      const { verb: _, ...query } = question;
      return stories.list(query);
    }
    case 'endpoints': {
      const { verb: _, ...query } = question;
      return endpoints.list(query);
    }
    case 'switch-endpoint':
      return endpoints.switch(String(question.id), question.on === true, String(question.by));
    default:
      throw new Error('the gateway in this home does not know that question; it is of another release');
  }
}
