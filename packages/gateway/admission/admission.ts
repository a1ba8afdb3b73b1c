import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { RequestHead } from '../transport/call.ts';
import { compileCondition, type Test } from './condition.ts';
import type { AdmissionOptions } from './options.ts';
import { AdmissionQueue, Ticket } from './queue.ts';

/** What became of the calls of one priority. */
export interface PriorityStatistics {
  readonly priority: number;
  readonly inFlight: number;
  readonly queued: number;
  /** Calls sent away because the queue was full, and because they had waited for too long, since the start. */
  readonly full: number;
  readonly late: number;
}

/** Why a call was sent away. */
export interface Rejection {
  readonly reason: 'full' | 'late';
  readonly priority: number;
  /** Calls that may wait, or milliseconds that they may. */
  readonly limit: number;
  /** Whole seconds after which another try is worth it. */
  readonly retryAfter: number;
}

/** A call that is let in, waits or is sent away. The chain's exchange. */
export interface Applicant {
  /** Kept here from `enter` on; null for a call that nobody asked about. */
  ticket: AdmissionTicket | null;
}

interface PrioritizedTest {
  readonly priority: number;
  readonly test: Test;
}

/** Its place, and the end of its patience. */
export class AdmissionTicket extends Ticket<Applicant> {
  deadline: Deadline | null = null;
}

/** Bounds the calls in flight of one process. What it lets in later runs in the turn in which another call ended. */
export class Admission<C extends Applicant> {
  readonly #options: AdmissionOptions;
  readonly #queue: AdmissionQueue<Applicant>;
  readonly #tests: readonly PrioritizedTest[];
  readonly #counts = new Map<number, { full: number; late: number }>();
  readonly #sizes: ReadonlyMap<number, number>;
  readonly #run: (call: C) => void;
  readonly #reject: (call: C, rejection: Rejection) => void;
  /** Calls whose turn has come, while others are being started. */
  readonly #due: C[] = [];
  #starting = false;

  /** `run` starts a call that waited; `reject` answers one that is not let in. Neither may throw. */
  constructor(options: AdmissionOptions, run: (call: C) => void, reject: (call: C, rejection: Rejection) => void) {
    this.#options = options;
    this.#queue = new AdmissionQueue(options.maxInFlight, options.queues);
    this.#tests = options.conditions.map(({ priority, test }) => ({ priority, test: compileCondition(test) }));
    this.#sizes = new Map(options.queues.map(({ priority, size }) => [priority, size]));
    for (const { priority } of options.queues) this.#counts.set(priority, { full: 0, late: 0 });
    this.#run = run;
    this.#reject = reject;
  }

  /** True: go on now. False: it waits, or was rejected. */
  enter(call: C, head: RequestHead): boolean {
    const ticket = new AdmissionTicket(call, this.#priorityOf(head));
    call.ticket = ticket;
    const place = this.#queue.enter(ticket);
    if (place === 'running') return true;
    if (place === 'full') {
      this.#sendAway(call, ticket, 'full', this.#sizes.get(ticket.priority) ?? 0);
      return false;
    }
    ticket.deadline = new Deadline(() => this.#expire(call, ticket));
    wheel.arm(ticket.deadline, this.#options.queueTimeout);
    return false;
  }

  /** The call is over, or its client went away while it waited. */
  leave(call: C): void {
    const { ticket } = call;
    if (ticket === null) return;
    call.ticket = null;
    if (ticket.deadline) wheel.disarm(ticket.deadline);
    const next = this.#queue.leave(ticket);
    if (next) this.#start(next as AdmissionTicket);
  }

  get statistics(): readonly PriorityStatistics[] {
    return this.#queue.lines.map(({ priority, running, waiting }) => ({
      priority,
      inFlight: running,
      queued: waiting,
      ...(this.#counts.get(priority) ?? { full: 0, late: 0 }),
    }));
  }

  /** Calls may end while they are started: they are taken one after the other, not one inside the other. */
  #start(ticket: AdmissionTicket): void {
    if (ticket.deadline) wheel.disarm(ticket.deadline);
    this.#due.push(ticket.item as C);
    if (this.#starting) return;
    this.#starting = true;
    for (let call = this.#due.shift(); call !== undefined; call = this.#due.shift()) this.#run(call);
    this.#starting = false;
  }

  #expire(call: C, ticket: AdmissionTicket): void {
    this.#queue.leave(ticket);
    this.#sendAway(call, ticket, 'late', this.#options.queueTimeout);
  }

  #sendAway(call: C, { priority }: AdmissionTicket, reason: 'full' | 'late', limit: number): void {
    const counts = this.#counts.get(priority);
    if (counts) counts[reason]++;
    const retryAfter = Math.max(1, Math.ceil(this.#options.queueTimeout / 1000));
    this.#reject(call, { reason, priority, limit, retryAfter });
  }

  #priorityOf(head: RequestHead): number {
    for (let i = 0; i < this.#tests.length; i++) {
      const { priority, test } = this.#tests[i] as PrioritizedTest;
      if (test(head)) return priority;
    }
    return this.#options.defaultPriority;
  }
}
