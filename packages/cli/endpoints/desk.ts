import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LeafRow } from '@sluice/gateway';
import type { EndpointDesk, EndpointState, Log } from '@sluice/model';
import type { LeafBoard } from './board.ts';
import { stateOf } from './state.ts';

/** Endpoints that are looked at in one turn of the event loop: leases are granted in between. */
const atOnce = 1000;

export interface MachineEndpointsOptions {
  readonly board: LeafBoard;
  readonly log: Log;
  /** What all processes serve and counted. Resolves when each of them has the states that were told before. */
  readonly leaves: () => Promise<readonly LeafRow[]>;
}

/** The endpoints of the gateway of this machine, for people. */
export class MachineEndpoints implements EndpointDesk {
  readonly #options: MachineEndpointsOptions;

  constructor(options: MachineEndpointsOptions) {
    this.#options = options;
  }

  async list({ search = '', state, offset, limit }: Parameters<EndpointDesk['list']>[0]) {
    const wanted = search.toLowerCase();
    const found = (await this.all()).filter(
      (endpoint) =>
        (state === undefined || endpoint.state === state) &&
        [endpoint.id, `${endpoint.api}/${endpoint.name}`, endpoint.url].some((text) =>
          text.toLowerCase().includes(wanted),
        ),
    );
    found.sort(byConcern);
    return { total: found.length, endpoints: found.slice(offset, offset + limit) };
  }

  async switch(id: string, on: boolean, by: string): Promise<EndpointState | undefined> {
    const { board, leaves, log } = this.#options;
    const row = (await leaves()).find((one) => one.id === id);
    if (row === undefined) return undefined;
    board.switch({ key: row.key, api: row.id.slice(0, -row.name.length - 1), name: row.name }, on);
    log.info(on ? 'an endpoint was switched on' : 'an endpoint was switched off', {
      ...{ api: row.api, endpoint: row.name, by },
    });
    return (await this.all()).find((one) => one.id === id);
  }

  /** All of them, in no order. */
  async all(): Promise<EndpointState[]> {
    const { board, leaves } = this.#options;
    const states: EndpointState[] = [];
    for (const row of await leaves()) {
      if (states.push(stateOf(row, board.stateOf(row.key), Date.now())) % atOnce === 0) await nextTurn();
    }
    return states;
  }
}

const concern: readonly EndpointState['state'][] = ['suspended', 'timeout', 'off', 'active'];

/** What is worth a look first. */
function byConcern(one: EndpointState, other: EndpointState): number {
  const difference = concern.indexOf(one.state) - concern.indexOf(other.state);
  if (difference !== 0) return difference;
  const [first, second] = [`${one.api}/${one.name}`, `${other.api}/${other.name}`];
  return first < second || (first === second && one.id < other.id) ? -1 : 1;
}
