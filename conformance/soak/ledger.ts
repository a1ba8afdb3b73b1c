/** What a backend does with a call. */
export type Deed = keyof typeof outcomesOf;

/** Whether a connection was kept, and ends with or without a reset, is the gateway's to see. */
const ended = [
  '502 backend-closed',
  '502 backend-reset',
  '502 backend-write-failed',
  '502 backend-connection-stale',
] as const;

/** How a call may end by the deed that it asks for: the status, with `Sluice-Cause` where the gateway answers; `cut` is an answer that breaks off. */
const outcomesOf = {
  answer: ['200'],
  /** The answer comes in pieces over some time. */
  slow: ['200'],
  /** 1xx answers come first. */
  interim: ['200'],
  /** The connection is closed some moments after the answer, without a word: the race of RFC 9112 section 9.3.1. */
  leave: ['200'],
  /** The answer says `Connection: close`. */
  last: ['200'],
  /** The answer comes before the request's body. */
  early: ['200'],
  /** WebSocket: as many bytes go up as come down, at the same time. */
  tunnel: ['101'],
  reset: ended,
  close: ended,
  hang: ['504 endpoint-timeout'],
  /** Two lengths. */
  lie: ['502 backend-protocol-violation'],
  /** Half of an answer, then a reset. */
  cut: ['cut', ...ended],
  /** A chunk without a size in the middle of the answer. */
  garbage: ['cut', '502 backend-protocol-violation'],
} as const satisfies Record<string, readonly string[]>;

export type Answering = 'length' | 'chunked' | 'close';

/** What a call asks for, and what is known of it. */
export interface SoakCall {
  readonly id: number;
  readonly kind: string;
  readonly method: string;
  /** Name of the API. */
  readonly api: string;
  readonly deed: Deed;
  /** Bytes of the answer's body, and its framing. */
  readonly size: number;
  readonly answering: Answering;
  /** Bytes of the request's body. */
  readonly upload: number;
  /** Outcomes that it was made for. */
  readonly expected: readonly string[];
  readonly begun: number;
  /** A backend went down with this call in its hands. */
  lostBackend: boolean;
}

/** Whether the gateway may send it again when a kept connection turns out to be dead. */
export function isRepeatable({ upload, method }: SoakCall): boolean {
  return upload === 0 && method !== 'POST';
}

/** All calls of a run: which are going on, and how often each reached a backend. */
export class Ledger {
  readonly violations: string[] = [];
  readonly #open = new Map<number, SoakCall>();
  #deliveries = new Uint8Array(1 << 16);
  #count = 0;

  /** Calls made so far. */
  get count(): number {
    return this.#count;
  }

  get open(): number {
    return this.#open.size;
  }

  begin(kind: string, wish: Partial<Omit<SoakCall, 'id' | 'kind' | 'begun' | 'lostBackend'>>): SoakCall {
    const id = this.#count++;
    if (id >= this.#deliveries.length) {
      const grown = new Uint8Array(this.#deliveries.length * 2);
      grown.set(this.#deliveries);
      this.#deliveries = grown;
    }
    const deed = wish.deed ?? 'answer';
    const usual = { method: 'GET', api: 'soak', deed, size: 200, answering: 'length', upload: 0 } as const;
    const call = {
      ...usual,
      expected: outcomesOf[deed],
      ...wish,
      id,
      kind,
      begun: performance.now(),
      lostBackend: false,
    };
    this.#open.set(id, call);
    return call;
  }

  end({ id }: SoakCall): void {
    this.#open.delete(id);
  }

  /** A backend got the call. @returns what is known of it while its client waits. */
  deliver(id: number, method: string): SoakCall | undefined {
    if (!(id < this.#count)) {
      this.violation(`a backend got call ${id}, which nobody made`);
      return undefined;
    }
    const times = (this.#deliveries[id] ?? 0) + 1;
    this.#deliveries[id] = Math.min(times, 255);
    const call = this.#open.get(id);
    // A request without a body may be sent again once, on a new connection, when a kept one was dead; with two endpoints, once for each.
    const most = method === 'POST' || (call?.upload ?? 0) > 0 ? 1 : call?.api === 'pair' ? 4 : 2;
    if (times > most) this.violation(`${method} call ${id} (${call?.kind ?? 'over'}) was delivered ${times} times`);
    return call;
  }

  delivered({ id }: SoakCall): number {
    return this.#deliveries[id] ?? 0;
  }

  violation(what: string): void {
    if (this.violations.length < 200) this.violations.push(what);
  }
}
