// What one writes first: node:http on both sides, bodies piped, backend connections kept.
import { Agent, request } from 'node:http';
import { readSetup, serve } from './serve.ts';

const setup = readSetup();
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 });

await serve(setup, (incoming, answer) => {
  const outgoing = request(
    {
      host: '127.0.0.1',
      port: setup.backendPort,
      method: incoming.method,
      path: incoming.url,
      headers: withoutConnection(incoming.headers),
      agent,
    },
    (response) => {
      answer.writeHead(response.statusCode ?? 502, withoutConnection(response.headers));
      response.pipe(answer);
    },
  );
  outgoing.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  incoming.pipe(outgoing);
});

function withoutConnection<T extends { connection?: unknown }>({
  connection: _,
  ...headers
}: T): Omit<T, 'connection'> {
  return headers;
}
