import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

/** Passes calls on to the backend at undici's lowest level: the cheapest that Node.js offers without own framing. */
export function relayTo(backendPort: number): (incoming: IncomingMessage, answer: ServerResponse) => void {
  const pool = new Pool(`http://127.0.0.1:${backendPort}`, { connections: 512, pipelining: 1 });
  return (incoming, answer) => {
    const { method = 'GET', url = '/' } = incoming;
    const { connection: _, ...headers } = incoming.headers;
    const body = method === 'GET' || method === 'HEAD' ? null : incoming;
    pool.dispatch({ method, path: url, headers, body }, answering(answer));
  };
}

function answering(answer: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      answer.once('close', () => {
        if (!answer.writableFinished) controller.abort(new Error('the client has gone'));
      });
    },
    onResponseStart(controller, status, { connection: _, 'keep-alive': __, ...headers }) {
      answer.writeHead(status, headers);
      answer.on('drain', () => controller.resume());
    },
    onResponseData(controller, chunk) {
      if (!answer.write(chunk)) controller.pause();
    },
    onResponseEnd: () => void answer.end(),
    onResponseError: () => void (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()),
  };
}
