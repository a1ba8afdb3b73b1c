import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, FeedGapError, type FeedSource, SluiceError } from '@sluice/model';
import { faultOf } from '../rest/faults.ts';
import { admitGateway, type GatewayCredentials } from './admit.ts';
import type { FeedDependencies } from './dependencies.ts';
import { type FollowerLimits, Followers } from './followers.ts';
import { sendSnapshot } from './send-snapshot.ts';
import { feedSource, requireEnvironment, requireKept } from './source.ts';

export interface FeedOptions {
  /** Own credentials of gateways elsewhere; an administrator's are taken too. */
  readonly gateway?: GatewayCredentials;
  readonly limits?: Partial<FollowerLimits>;
}

/** The feed for gateways in this process and elsewhere. */
export interface Feed {
  /** The feed of one environment, without HTTP. */
  source(environment: string): FeedSource;
  /** Answers the request when its path is the feed's (`/internal/feed/v1/…`); false leaves it alone. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Ends the streams. */
  close(): void;
}

const base = '/internal/feed/v1/';

/** The server side of the feed: a snapshot, and a stream of the events after it. */
export function createFeed(deps: FeedDependencies, options: FeedOptions = {}): Feed {
  const source = feedSource(deps);
  const followers = new Followers(deps.log, options.limits);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://any');
    const route = url.pathname.slice(base.length);
    if (route !== 'snapshot' && route !== 'events') throw new SluiceError(errors.routeNotFound, { path: url.pathname });
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET');
      throw new SluiceError(errors.restMethodNotAllowed, { method: request.method ?? '', path: url.pathname });
    }
    await admitGateway(deps.keyManager, options.gateway, request.headers.authorization);
    const environment = url.searchParams.get('environment') ?? '';
    if (environment === '') throw new SluiceError(errors.parameterMissing, { name: 'environment' });
    await requireEnvironment(deps.store, environment);
    if (route === 'snapshot') {
      const taking = source(environment).snapshot(abortOnClose(response));
      return sendSnapshot(taking, request, response, followers.heartbeat);
    }
    const after = readSequence(url.searchParams.get('after'));
    await requireKept(deps.store, after).catch((error: unknown) => {
      throw error instanceof FeedGapError
        ? new SluiceError(errors.feedGap, { sequence: after }, { cause: error })
        : error;
    });
    await followers.follow(source(environment), { environment, after }, response);
  }

  return {
    source,
    handle(request, response) {
      if (request.url === undefined || !request.url.startsWith(base)) return false;
      request.resume();
      answer(request, response).catch((error: unknown) => refuse(response, error, deps));
      return true;
    },
    close: () => followers.close(),
  };
}

/** Answers with the error's row; once the answer has begun, only breaking it off can tell. */
function refuse(response: ServerResponse, error: unknown, { log }: FeedDependencies): void {
  const fault = faultOf(error, log);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const headers: Record<string, string> = { ...fault.headers, 'content-type': 'application/json' };
  if (fault.status === 401) headers['www-authenticate'] = 'Basic realm="Sluice"';
  response.writeHead(fault.status, headers).end(JSON.stringify(fault.body));
}

function readSequence(text: string | null): number {
  const sequence = text === null || !/^\d{1,15}$/.test(text) ? Number.NaN : Number(text);
  if (Number.isNaN(sequence)) throw new SluiceError(errors.parameterMissing, { name: 'after' });
  return sequence;
}

function abortOnClose(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
