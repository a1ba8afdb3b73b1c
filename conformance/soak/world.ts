import { Client, type Manner } from './client.ts';
import { type Events, explain, type Outcome } from './judge.ts';
import { isRepeatable, type Ledger, type SoakCall } from './ledger.ts';
import { StreamsClient } from './streams-client.ts';

/** What became of the calls of one kind. */
export interface Tally {
  calls: number;
  /** Answered with what the backend was asked for. */
  answered: number;
  /** Failed as they were made to. */
  provoked: number;
  /** Failed because of a fault that was injected. */
  explained: number;
  /** The client went away first. */
  left: number;
  wrong: number;
}

/** Where the clients of the soak live: the gateway they call, and the book that is kept of it. */
export class World {
  readonly ledger: Ledger;
  readonly tallies = new Map<string, Tally>();
  /** How often calls failed, by outcome and reason. */
  readonly failures = new Map<string, number>();
  stopping = false;
  /** Client connections opened. */
  opened = 0;
  readonly #plain: URL;
  readonly #secure: URL;
  readonly #token: string;
  readonly #events: Events;

  constructor(
    ledger: Ledger,
    urls: { readonly plain: string; readonly secure: string },
    token: string,
    events: Events,
  ) {
    this.ledger = ledger;
    this.#plain = new URL(urls.plain);
    this.#secure = new URL(urls.secure);
    this.#token = token;
    this.#events = events;
  }

  /** A new connection; one that the gateway did not take shows in its first call. */
  open(secure = false): Promise<Client> {
    this.opened++;
    return Client.open(secure ? this.#secure : this.#plain, this.#token);
  }

  /** The same for HTTP/2. */
  openStreams(): Promise<StreamsClient> {
    this.opened++;
    return StreamsClient.open(this.#secure, this.#token);
  }

  /** Makes one call over HTTP/2; `cancelAfter` milliseconds the client does not want it any more. */
  async callStream(client: StreamsClient, call: SoakCall, cancelAfter?: number): Promise<void> {
    try {
      this.settle(client, call, await client.call(call, cancelAfter));
    } catch (error) {
      this.#fail(call, error as Error);
    }
  }

  /** Makes one call of WebSocket, the last one on its connection. */
  async tunnel(client: Client, call: SoakCall): Promise<void> {
    try {
      this.settle(client, call, await client.tunnel(call));
    } catch (error) {
      this.#fail(call, error as Error);
    }
  }

  /** Makes one call. @returns whether the connection is good for another one. */
  async call(client: Client, call: SoakCall, manner: Manner = {}): Promise<boolean> {
    const rested = client.rested;
    const [, whole] = await Promise.all([client.ask(call, manner), this.read(client, call, manner, rested)]);
    return whole;
  }

  /** Reads the answer to a call that was asked. @returns whether the connection is good for another one. */
  async read(client: Client, call: SoakCall, manner: Manner = {}, rested = 0): Promise<boolean> {
    let outcome: Outcome;
    try {
      outcome = await client.answer(call, manner);
    } catch (error) {
      this.#fail(call, error as Error);
      client.close();
      return false;
    }
    this.settle(client, call, outcome, rested);
    return outcome !== 'cut' && !client.last;
  }

  /** Books the end of a call. */
  settle(client: Pick<Client, 'port' | 'opened'>, call: SoakCall, outcome: Outcome, rested = 0): void {
    const tally = this.#tally(call.kind);
    tally.calls++;
    this.ledger.end(call);
    if (outcome === 'left') {
      tally.left++;
      return;
    }
    const delivered = this.ledger.delivered(call);
    const good = outcome === '200' || outcome === '101';
    if (good && delivered === 0) this.ledger.violation(`call ${call.id} was answered by nobody`);
    if (outcome === 'refused' && delivered > 0) this.ledger.violation(`call ${call.id} was refused, and delivered`);
    if (outcome === '502 backend-connection-stale' && isRepeatable(call))
      this.ledger.violation(
        `${call.method} call ${call.id} failed on a kept connection, and was not repeated on a new one`,
      );
    if (call.expected.includes(outcome)) {
      if (good) tally.answered++;
      else tally.provoked++;
      if (outcome.startsWith('4') && delivered > 0)
        this.ledger.violation(`${outcome}, but call ${call.id} was delivered`);
      if (!good) this.#count(`${outcome}: asked for`);
      return;
    }
    const place = { port: client.port, opened: client.opened, rested };
    const reason = explain(call, outcome, place, this.#events, performance.now());
    if (reason !== undefined) {
      tally.explained++;
      this.#count(`${outcome}: ${reason}`);
      return;
    }
    tally.wrong++;
    const lasted = Math.round(performance.now() - call.begun);
    const facts = `${call.method} ${call.kind} ${call.id}, deed ${call.deed}, ${call.upload} up, ${call.size} down, delivered ${delivered}, after ${lasted} ms`;
    this.ledger.violation(`unexplained ${outcome}: ${facts}`);
  }

  /** Ends a connection; whatever has come since the last answer is an answer too many. */
  leave(client: Client): void {
    if (client.connection.unread > 0)
      this.ledger.violation(`${client.connection.unread} bytes came after the last answer`);
    client.close();
  }

  /** Books an end that nobody may cause. */
  #fail(call: SoakCall, error: Error): void {
    this.#tally(call.kind).wrong++;
    this.ledger.violation(`${call.kind}: ${error.message}`);
    this.ledger.end(call);
  }

  #tally(kind: string): Tally {
    let tally = this.tallies.get(kind);
    if (!tally) {
      tally = { calls: 0, answered: 0, provoked: 0, explained: 0, left: 0, wrong: 0 };
      this.tallies.set(kind, tally);
    }
    return tally;
  }

  #count(what: string): void {
    this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
  }
}
