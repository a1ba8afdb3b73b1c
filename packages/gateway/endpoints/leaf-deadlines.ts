import {
  type ApiTimeouts,
  backendTimeouts,
  type DeadlineName,
  type DeadlineValue,
  type DurationExpression,
  deadlines,
  deadlineValue,
  type GatewayDeadlines,
  type LeafEndpoint,
  leafDuration,
} from '@sluice/model';
import type { RequestHead } from '../transport/call.ts';
import type { RouteTimeouts } from '../transport/options.ts';

/** The API whose deadlines a leaf has where it has none of its own. */
export interface DeadlineOwner {
  /** `name/version`. */
  readonly label: string;
  readonly timeouts?: ApiTimeouts | undefined;
}

/** How long calls to one leaf may take: what leaf and API say, put before what the gateway says. Milliseconds, 0 for no bound. */
export class LeafDeadlines {
  /** Those of its connections; undefined where the gateway's are in force. */
  readonly route: RouteTimeouts | undefined;
  /** The global deadline of the API; undefined where it has none of its own. */
  readonly global: number | undefined;
  /** From send to the first byte of the answer; 0 leaves the global deadline alone in force. */
  readonly duration: number;
  readonly #leaf: LeafEndpoint;
  readonly #owner: DeadlineOwner;
  readonly #expression: DurationExpression | null;
  /** What no duration that a call says itself may exceed. */
  readonly #cap: number;

  /** `globalTimeout` is the gateway's global deadline. */
  constructor(leaf: LeafEndpoint, owner: DeadlineOwner, globalTimeout: number) {
    this.#leaf = leaf;
    this.#owner = owner;
    this.route = backendTimeouts(owner.timeouts, leaf);
    this.global = owner.timeouts?.global;
    this.duration = leafDuration(leaf);
    const { expression } = leaf.timeout;
    this.#expression = expression?.source ? expression : null;
    this.#cap = this.global ?? globalTimeout;
  }

  /** Calls say their duration themselves: its end tells nothing about the backend. */
  get isSaid(): boolean {
    return this.#expression !== null;
  }

  /** The duration of one call, which it may say itself. */
  durationOf(head: RequestHead): number {
    return this.#expression === null ? this.duration : this.#said(this.#expression, head);
  }

  /** What is no duration, or more than the global one, leaves that in force (wso2-gateway.md 3). */
  #said({ source, name }: DurationExpression, head: RequestHead): number {
    const text = source === 'header' ? head.header(name) : queryParameter(head.query, name);
    const millis = text !== undefined && /^ *\d{1,9} *$/.test(text) ? Number(text) : 0;
    return this.#cap > 0 && millis >= this.#cap ? 0 : millis;
  }

  /** What the API or the leaf says of a deadline, and where; null where the gateway's own is in force. */
  own(name: DeadlineName): DeadlineValue | null {
    const { label, timeouts } = this.#owner;
    const value = deadlineValue(name, { gateway: unset, api: { label, timeouts }, leaf: this.#leaf });
    return value === nothing ? null : value;
  }
}

const nothing: DeadlineValue = { value: 0, setting: '', origin: { kind: 'default' } };
const unset = Object.fromEntries(Object.keys(deadlines).map((name) => [name, nothing])) as GatewayDeadlines;

/** The first value of that name, as sent: digits need no decoding. */
function queryParameter(query: string, name: string): string | undefined {
  for (const pair of query.slice(1).split('&')) if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  return undefined;
}
