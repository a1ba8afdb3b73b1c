import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http';
import { Agent, request as requestSecure } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type FeedEvent, FeedGapError, type FeedSnapshot, type FeedSource } from '@sluice/model';
import { lines } from './lines.ts';

export interface RemoteSourceOptions {
  /** Base URL of the control plane, http or https: `https://cp.example.com:9443`. */
  readonly serviceUrl: string;
  readonly environment: string;
  /** Basic credentials of a user that may read the feed. */
  readonly username: string;
  readonly password: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  /** Milliseconds of silence after which the connection counts as dead; the control plane sends something every 2 s. Default 10,000. */
  readonly silence?: number;
  /** Bytes of the largest snapshot that is read, uncompressed. Default 512 MiB. */
  readonly largestSnapshot?: number;
}

/** Longest line of the event stream, in characters: one API. */
const longestEvent = 64 * 1024 * 1024;

/** A feed over HTTP: `GET …/internal/feed/v1/snapshot` and the endless `…/events`, lines of JSON with empty lines as heartbeats. */
export function remoteSource(options: RemoteSourceOptions): FeedSource {
  const base = options.serviceUrl.replace(/\/+$/, '');
  const environment = encodeURIComponent(options.environment);
  const agent = base.startsWith('https:') ? new Agent(options.ca === undefined ? {} : { ca: options.ca }) : undefined;
  const silence = options.silence ?? 10_000;
  const basic = Buffer.from(`${options.username}:${options.password}`, 'utf8').toString('base64');

  /** Resolves with the body when the status is 200. Silence before or in the body destroys it with an error. */
  const get = async (path: string, encoding: 'gzip' | 'identity', signal: AbortSignal): Promise<Readable> => {
    const url = `${base}/internal/feed/v1/${path}`;
    const send = agent === undefined ? requestPlain : requestSecure;
    const headers = { authorization: `Basic ${basic}`, 'accept-encoding': encoding };
    const request = send(url, { agent, signal, headers, timeout: silence });
    const response = await answerTo(request, silence);
    if (response.statusCode !== 200) {
      response.destroy();
      throw refusal(response.statusCode ?? 0, url);
    }
    if (response.headers['content-encoding'] !== 'gzip') return response;
    const plain = createGunzip();
    response.on('error', (error) => plain.destroy(error));
    response.on('aborted', () => plain.destroy(new Error('The control plane closed the connection')));
    return response.pipe(plain);
  };

  return {
    async snapshot(signal) {
      const body = await get(`snapshot?environment=${environment}`, 'gzip', signal);
      const most = options.largestSnapshot ?? 512 * 1024 * 1024;
      return JSON.parse(await textOf(body, most)) as FeedSnapshot;
    },
    async *events(sequence, signal) {
      const body = await get(`events?environment=${environment}&after=${sequence}`, 'identity', signal);
      body.setEncoding('utf8');
      try {
        for await (const line of lines(body, longestEvent)) if (line !== '') yield JSON.parse(line) as FeedEvent;
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        body.destroy();
      }
    },
  };
}

function answerTo(request: ClientRequest, silence: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | null = null;
    request.once('response', (response) => {
      answer = response;
      resolve(response);
    });
    request.on('error', reject);
    // Inactivity of the socket, before the answer and within it: heartbeats keep it alive.
    request.once('timeout', () => {
      (answer ?? request).destroy(new Error(`The control plane was silent for ${silence} ms`));
    });
    request.end();
  });
}

function refusal(status: number, url: string): Error {
  const where = url.split('?')[0];
  if (status === 410) return new FeedGapError('The control plane no longer keeps the events that were asked for');
  if (status === 401 || status === 403)
    return new Error(`${where} refuses the credentials of this gateway (${status})`);
  return new Error(`${where} answered ${status}`);
}

async function textOf(body: Readable, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) {
      body.destroy();
      throw new Error(`The snapshot is larger than ${most} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
