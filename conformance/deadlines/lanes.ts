import type { JsonObject } from '../../packages/model/json.ts';

/** Calls of one kind, which all end by the same deadline. */
export interface Lane {
  /** Name of the deadline, and of the API. */
  readonly name: string;
  /** Milliseconds; they differ, so that not all is due at once. */
  readonly value: number;
  readonly status: 504 | 408;
  readonly cause: string;
  /** What the API says: for its endpoint, and for itself. */
  readonly config: JsonObject;
  readonly timeouts: JsonObject;
  /** What a client sends of its request. */
  request(path: string): string;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const half = (path: string) => `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it`;

interface Kind extends Omit<Lane, 'config' | 'timeouts'> {
  /** What the API says, for its endpoint and for itself. */
  said(value: number): Pick<Lane, 'config' | 'timeouts'>;
}

/** One lane for each way in which a call can wait for a backend or a client that stays silent; `scale` makes them longer or shorter. */
export function lanesOf(prefix: string, scale: number): readonly Lane[] {
  const kinds: readonly Kind[] = [
    {
      ...{ name: 'endpoint', value: 9000, status: 504, cause: 'endpoint-timeout', request: get },
      said: (value: number) => ({ config: { actionSelect: 'fault', actionDuration: String(value) }, timeouts: {} }),
    },
    {
      ...{ name: 'global', value: 9500, status: 504, cause: 'global-timeout', request: get },
      said: (value: number) => ({ config: {}, timeouts: { global: value } }),
    },
    {
      ...{ name: 'client-body-idle', value: 10_500, status: 408, cause: 'request-timeout', request: half },
      said: (value: number) => ({ config: {}, timeouts: { clientBodyIdle: value } }),
    },
  ];
  return kinds.map(({ name, value: usual, said, ...lane }) => {
    const value = usual * scale;
    return { ...lane, name: prefix + name, value, ...said(value) };
  });
}
