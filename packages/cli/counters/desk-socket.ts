import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { CounterDesk, EndpointDesk, EndpointStatus, StoryDesk, StoryQuery } from '@sluice/model';
import type { Home } from '../home/home.ts';

/** Name of the socket in the home's data folder, at which the gateway that runs in a home answers the commands on this machine. */
const name = 'gateway.sock';

/** A socket's path may be no longer than this, in bytes: `sun_path` of unix(7) less its end. */
const longest = 100;

/** What the commands of this machine are answered from. */
export interface Desks {
  readonly counters: CounterDesk;
  readonly stories: StoryDesk;
  readonly endpoints: EndpointDesk;
}

/** What a question may be, and an answer, in bytes. */
export const largestQuestion = 16_384;
export const largestAnswer = 64 * 1024 * 1024;

/** A question over the socket: one line of JSON, answered by one line `{"value": …}` or `{"error": "…"}`. */
export type DeskQuestion =
  | {
      readonly verb: 'list';
      readonly search?: string;
      readonly level?: string;
      readonly offset: number;
      readonly limit: number;
    }
  | { readonly verb: 'find'; readonly id: string }
  | { readonly verb: 'reset'; readonly id: string }
  | { readonly verb: 'story'; readonly id: string }
  | ({ readonly verb: 'stories' } & StoryQuery)
  | {
      readonly verb: 'endpoints';
      readonly search?: string;
      readonly state?: EndpointStatus;
      readonly offset: number;
      readonly limit: number;
    }
  | { readonly verb: 'switch-endpoint'; readonly id: string; readonly on: boolean; readonly by: string };

/** Path of the socket, by way of an open folder where the home's own path is too long for one; `release` when it is not used any more. */
export function deskSocket({ data }: Pick<Home, 'data'>): { readonly path: string; release(): void } {
  const path = join(data, name);
  if (Buffer.byteLength(path) <= longest) return { path, release() {} };
  const folder = openSync(data, 'r');
  return { path: `/proc/self/fd/${folder}/${name}`, release: () => closeSync(folder) };
}
