import { connect } from 'node:net';
import type { Route } from '../call.ts';

/** Ports of the system end here. None of them is ever given to who asks for any, so that nothing comes to listen there during a test. */
const end = 1024;

let port = 0;

/** A route where nothing listens, another one each time. */
export async function deadRoute(): Promise<Route> {
  while (++port < end) if (await refuses(port)) return { host: '127.0.0.1', port, tls: null };
  throw new Error(`this process has asked for all ports below ${end} where nothing listens`);
}

/** The same as the address of an endpoint. */
export async function deadUrl(): Promise<string> {
  const { host, port } = await deadRoute();
  return `http://${host}:${port}`;
}

async function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
