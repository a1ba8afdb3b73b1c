/** A call's place: in flight, in a queue, or over. The queue's own but for `item`. */
export class Ticket<T> {
  readonly item: T;
  readonly priority: number;
  state: 'new' | 'waiting' | 'running' | 'over' = 'new';
  next: Ticket<T> | null = null;
  previous: Ticket<T> | null = null;

  constructor(item: T, priority: number) {
    this.item = item;
    this.priority = priority;
  }
}

/** The calls of one priority. */
class Line<T> {
  readonly priority: number;
  readonly size: number;
  first: Ticket<T> | null = null;
  last: Ticket<T> | null = null;
  waiting = 0;
  running = 0;

  constructor(priority: number, size: number) {
    this.priority = priority;
    this.size = size;
  }

  push(ticket: Ticket<T>): void {
    ticket.previous = this.last;
    if (this.last) this.last.next = ticket;
    else this.first = ticket;
    this.last = ticket;
    this.waiting++;
  }

  remove(ticket: Ticket<T>): void {
    if (ticket.previous) ticket.previous.next = ticket.next;
    else this.first = ticket.next;
    if (ticket.next) ticket.next.previous = ticket.previous;
    else this.last = ticket.previous;
    ticket.next = null;
    ticket.previous = null;
    this.waiting--;
  }
}

/** So many run at once; the others wait in bounded queues and leave them by priority, then by age. Knows neither calls nor time. */
export class AdmissionQueue<T> {
  readonly #maxInFlight: number;
  /** Greatest priority first. */
  readonly #lines: readonly Line<T>[];
  #inFlight = 0;

  constructor(maxInFlight: number, queues: readonly { readonly priority: number; readonly size: number }[]) {
    this.#maxInFlight = maxInFlight;
    this.#lines = queues
      .map(({ priority, size }) => new Line<T>(priority, size))
      .sort((one, other) => other.priority - one.priority);
  }

  /** Runs, waits, or is sent away because its queue is full; then it is over. */
  enter(ticket: Ticket<T>): 'running' | 'waiting' | 'full' {
    const line = this.#lineOf(ticket.priority);
    // Nobody waits while there is room: whoever leaves lets the next one in.
    if (this.#inFlight < this.#maxInFlight) {
      this.#run(ticket, line);
      return 'running';
    }
    if (line.waiting >= line.size) {
      ticket.state = 'over';
      return 'full';
    }
    ticket.state = 'waiting';
    line.push(ticket);
    return 'waiting';
  }

  /** The ticket's call is over, or gives up waiting. Returns the one that runs in its stead. Harmless when it is over already. */
  leave(ticket: Ticket<T>): Ticket<T> | null {
    const { state } = ticket;
    ticket.state = 'over';
    const line = this.#lineOf(ticket.priority);
    if (state === 'waiting') line.remove(ticket);
    if (state !== 'running') return null;
    line.running--;
    this.#inFlight--;
    return this.#next();
  }

  /** What runs and waits, greatest priority first. */
  get lines(): readonly { readonly priority: number; readonly running: number; readonly waiting: number }[] {
    return this.#lines;
  }

  #next(): Ticket<T> | null {
    for (let i = 0; i < this.#lines.length; i++) {
      const line = this.#lines[i] as Line<T>;
      const ticket = line.first;
      if (ticket === null) continue;
      line.remove(ticket);
      this.#run(ticket, line);
      return ticket;
    }
    return null;
  }

  #run(ticket: Ticket<T>, line: Line<T>): void {
    ticket.state = 'running';
    line.running++;
    this.#inFlight++;
  }

  #lineOf(priority: number): Line<T> {
    for (let i = 0; i < this.#lines.length; i++) {
      if ((this.#lines[i] as Line<T>).priority === priority) return this.#lines[i] as Line<T>;
    }
    throw new RangeError(`there is no queue of priority ${priority}`);
  }
}
