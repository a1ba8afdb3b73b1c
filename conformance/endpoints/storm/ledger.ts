/** Methods that mean the same sent twice (RFC 9110 section 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/** How a call ended for its client. */
export type End = 'answered' | 'failed' | 'refused' | 'cut' | 'closed';

/** One call, and what became of it. */
export interface CallRecord {
  readonly id: number;
  readonly method: string;
  readonly api: string;
  /** Backends that got its head, in order; one that got it twice stands twice. */
  readonly deliveries: string[];
  end: End | null;
  status: number;
  cause: string;
  /** Backend that answered, by what the answer says of itself; empty where the gateway did. */
  by: string;
}

/** Every call by its number: clients begin and end them, backends say what has reached them. */
export class Ledger {
  readonly #calls: CallRecord[] = [];
  /** What nobody can explain, in words. */
  readonly oddities: string[] = [];

  begin(method: string, api: string): CallRecord {
    const call: CallRecord = {
      id: this.#calls.length,
      method,
      api,
      deliveries: [],
      end: null,
      status: 0,
      cause: '',
      by: '',
    };
    this.#calls.push(call);
    return call;
  }

  /** The head of a request has come to a backend. */
  deliver(backend: string, id: string | undefined, method: string): void {
    const call = this.#calls[Number(id)];
    if (call === undefined || id === undefined) this.oddities.push(`${backend} got a request of nobody (${id})`);
    else if (call.method !== method) this.oddities.push(`${backend} got call ${id} as ${method}, not ${call.method}`);
    else call.deliveries.push(backend);
  }

  get calls(): readonly CallRecord[] {
    return this.#calls;
  }
}

/** What a run comes to. */
export interface Verdict {
  readonly calls: number;
  readonly deliveries: number;
  /** Calls that reached backends more than once, by method. */
  readonly repeated: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  /** What must not be; empty when all held. */
  readonly violations: readonly string[];
}

/** Holds every call against the rule: one that may have been done is never sent again, and no member gets one twice. */
export function judge(ledger: Ledger): Verdict {
  const violations = [...ledger.oddities];
  const repeated: Record<string, number> = {};
  const ends: Record<string, number> = {};
  let deliveries = 0;
  for (const call of ledger.calls) {
    const { id, method, end, status, cause, by } = call;
    deliveries += call.deliveries.length;
    const told = `call ${id} (${method} ${call.api}, ${end} ${status} ${cause})`;
    const where = call.deliveries.join(', ');
    count(ends, end === 'failed' || end === 'refused' ? `${end} ${status} ${cause}` : (end ?? 'never ended'));
    if (call.deliveries.length > 1) {
      count(repeated, method);
      if (!idempotent.has(method)) violations.push(`${told} reached ${where}`);
    }
    // A connection that the backend gave up may be replaced once by a new one to the same backend (RFC 9112 section 9.3.1).
    for (const backend of new Set(call.deliveries)) {
      const times = call.deliveries.filter((one) => one === backend).length;
      if (times > 2) violations.push(`${told} reached ${backend} ${times} times`);
    }
    if (end === null) violations.push(`${told} never ended`);
    // Two backends are not read in the order in which they were written to.
    if (end === 'answered' && !call.deliveries.includes(by))
      violations.push(`${told} says ${by}, and reached ${where}`);
    if (end === 'refused' && call.deliveries.length > 0) violations.push(`${told} reached ${where}`);
  }
  return { calls: ledger.calls.length, deliveries, repeated, ends, violations };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
