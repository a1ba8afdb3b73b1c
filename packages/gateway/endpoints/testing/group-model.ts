/**
 * What groups and states of leaves are supposed to do, written down a second time and as plainly as possible: lists are searched anew for each
 * question, and nothing is shared with the gateway but the endpoint tree. Times are those of the caller.
 */
import type { Endpoint, FailoverEndpoint, LeafEndpoint, LoadBalanceEndpoint } from '@sluice/model';

interface ModelLeaf {
  readonly rules: LeafEndpoint;
  status: 'active' | 'timeout' | 'suspended' | 'off';
  until: number;
  /** Timeouts since it was active. */
  timeouts: number;
  lastDuration: number;
  load: number;
}

type ModelGroup = {
  readonly endpoint: FailoverEndpoint | LoadBalanceEndpoint;
  readonly children: readonly ModelNode[];
  /** Of failover: who served last. Of turns: whose turn is next, counted in slots. */
  at: number;
  /** Places of the members that sessions are bound to, and when they were used last. */
  readonly sessions: Map<string, { place: number; used: number }>;
};

type ModelNode = ModelLeaf | ModelGroup;

/** A call on its way. */
export interface ModelCall {
  readonly session: string | null;
  readonly tried: Set<ModelNode>;
  /** Groups that look for the session in its answer. */
  readonly learning: Set<ModelGroup>;
  leaf: ModelLeaf | null;
  /** It goes on with a session. */
  isBound: boolean;
  /** Code with which a group answered it in the place of a leaf. */
  refusal: string | null;
}

const isLeaf = (node: ModelNode): node is ModelLeaf => 'rules' in node;

export class GroupModel {
  readonly leaves = new Map<string, ModelLeaf>();
  readonly #root: ModelNode;
  now = 0;

  constructor(endpoint: Endpoint) {
    this.#root = this.#build(endpoint);
  }

  /** A new call, of that session where it names one, and where it goes. */
  begin(session: string | null): ModelCall {
    const nowhere = { leaf: null, isBound: false, refusal: null };
    const call: ModelCall = { session, tried: new Set(), learning: new Set(), ...nowhere };
    this.#go(call, this.#pick(this.#root, call));
    return call;
  }

  /** `session` is what the answer names, where it names one. */
  answer({ leaf, learning }: ModelCall, session: string | null): void {
    const one = leaf as ModelLeaf;
    one.load--;
    for (const group of learning) {
      const place = group.children.findIndex((child) => child === one || this.#around(one, child).length > 0);
      if (session !== null && place !== -1) group.sessions.set(session, { place, used: this.now });
    }
    if (one.status === 'timeout' || one.status === 'suspended') Object.assign(one, fresh);
  }

  /** Where the call goes after a fault: null for nowhere. `own` faults say nothing about the backend. */
  fail(call: ModelCall, code: number, own: boolean, replayable: boolean): void {
    const leaf = call.leaf as ModelLeaf;
    if (!own) this.#note(leaf, code);
    const { retry } = leaf.rules;
    const disabled = retry?.disabledErrorCodes.includes(String(code)) === true;
    const enabled = !retry || retry.enabledErrorCodes.length === 0 || retry.enabledErrorCodes.includes(String(code));
    let next: ModelLeaf | null = null;
    if (replayable && !disabled && enabled && !call.isBound) {
      call.tried.add(leaf);
      for (const group of this.#around(leaf)) {
        const may = group.endpoint.kind === 'failover' || group.endpoint.failover;
        next = may ? this.#choose(group, call) : null;
        if (next !== null || call.refusal !== null) break;
        call.tried.add(group);
      }
    }
    this.#go(call, next);
  }

  switch(name: string, on: boolean): void {
    Object.assign(this.leaves.get(name) as ModelLeaf, fresh, on ? {} : { status: 'off' });
  }

  #go(call: ModelCall, next: ModelLeaf | null): void {
    if (call.leaf !== null) call.leaf.load--;
    if (next !== null) next.load++;
    call.leaf = next;
  }

  #build(endpoint: Endpoint): ModelNode {
    if (endpoint.kind === 'failover' || endpoint.kind === 'load_balance') {
      const children = endpoint.children.map((child) => this.#build(child));
      // A group of one is its member.
      return children.length === 1 ? (children[0] as ModelNode) : { endpoint, children, at: 0, sessions: new Map() };
    }
    const leaf: ModelLeaf = { rules: endpoint as LeafEndpoint, load: 0, ...fresh };
    this.leaves.set(endpoint.name, leaf);
    return leaf;
  }

  /** The groups around a leaf, the nearest first. */
  #around(leaf: ModelLeaf, from: ModelNode = this.#root): ModelGroup[] {
    if (isLeaf(from)) return [];
    for (const child of from.children) {
      if (child === leaf) return [from];
      const found = this.#around(leaf, child);
      if (found.length > 0) return [...found, from];
    }
    return [];
  }

  /** 2 where calls may go, 1 where they may if nothing else is left, 0 where they may not. */
  #grade(node: ModelNode, call: ModelCall): number {
    if (isLeaf(node)) return node.status === 'off' ? 0 : node.status === 'active' || this.now >= node.until ? 2 : 1;
    if (this.#sessionOf(node, call) !== undefined) return 2;
    const grades = node.children.filter((child) => !call.tried.has(child)).map((child) => this.#grade(child, call));
    const best = Math.max(0, ...grades);
    return best === 1 && this.#panics(node, call) ? 2 : best;
  }

  #panics({ endpoint, children }: ModelGroup, call: ModelCall): boolean {
    if (endpoint.panicThreshold === undefined) return false;
    if (endpoint.kind === 'failover') return true;
    const ready = children.filter((child) => this.#grade(child, call) === 2).length;
    return ready / children.length < endpoint.panicThreshold / 100;
  }

  #pick(node: ModelNode, call: ModelCall): ModelLeaf | null {
    if (isLeaf(node)) return this.#grade(node, call) === 2 || node !== this.#root ? node : null;
    const session = this.#sessionOf(node, call);
    if (session === undefined) {
      if ('session' in node.endpoint && node.endpoint.session !== null) call.learning.add(node);
      return this.#choose(node, call);
    }
    session.used = this.now;
    call.isBound = true;
    call.learning.add(node);
    const member = node.children[session.place] as ModelNode;
    const leaf = this.#grade(member, call) === 2 ? this.#pick(member, call) : null;
    if (leaf === null) call.refusal ??= '309001';
    return leaf;
  }

  #sessionOf({ endpoint, sessions }: ModelGroup, { session }: ModelCall) {
    if (!('session' in endpoint) || endpoint.session === null || session === null) return undefined;
    const found = sessions.get(session);
    return found && this.now < found.used + (endpoint.session.timeout ?? 0) ? found : undefined;
  }

  /** A group's choice, whatever its sessions. */
  #choose(node: ModelGroup, call: ModelCall): ModelLeaf | null {
    const places = [...node.children.keys()];
    const from = (least: number) =>
      places.filter((place) => {
        const child = node.children[place] as ModelNode;
        return !call.tried.has(child) && this.#grade(child, call) >= least;
      });
    const { endpoint } = node;
    if (endpoint.kind === 'load_balance')
      return this.#balance(node, endpoint, from(this.#panics(node, call) ? 1 : 2), call);
    const ready = from(2);
    const still = endpoint.dynamic === false && ready.includes(node.at) ? [node.at] : [];
    const resting = endpoint.panicThreshold === undefined ? [] : from(1);
    for (const place of [...still, ...ready, ...resting]) {
      const leaf = this.#pick(node.children[place] as ModelNode, call);
      if (leaf === null && call.refusal === null) continue;
      node.at = place;
      return leaf;
    }
    return null;
  }

  /** Members that rest in a group which does not call such ones have no leaf for the call; it goes on to the next one then. */
  #balance(node: ModelGroup, endpoint: LoadBalanceEndpoint, places: number[], call: ModelCall): ModelLeaf | null {
    if (places.length === 0) return null;
    const place = this.#turn(node, endpoint, places);
    const others = places.filter((one) => one !== place);
    const leaf = this.#pick(node.children[place] as ModelNode, call);
    return leaf === null && call.refusal === null ? this.#balance(node, endpoint, others, call) : leaf;
  }

  /** Which of these places is next. */
  #turn(node: ModelGroup, endpoint: LoadBalanceEndpoint, places: number[]): number {
    const count = node.children.length;
    const weights = endpoint.weights ?? node.children.map(() => 1);
    if (endpoint.algorithm === 'weighted_round_robin') {
      const slots = weights.flatMap((weight, place) => Array.from({ length: weight }, (_, turn) => ({ place, turn })));
      for (let step = 0; ; step++) {
        const at = (node.at + step) % slots.length;
        const slot = slots[at] as { place: number; turn: number };
        if (!places.includes(slot.place) || (step > 0 && slot.turn > 0)) continue;
        node.at = (at + 1) % slots.length;
        return slot.place;
      }
    }
    const inTurn = places.toSorted(
      (one, other) => ((one - node.at + count) % count) - ((other - node.at + count) % count),
    );
    const share = (place: number) => (this.#load(node.children[place] as ModelNode) + 1) / (weights[place] as number);
    const least = Math.min(...places.map(share));
    const even = endpoint.algorithm === 'round_robin';
    const place = inTurn.find((one) => even || share(one) === least) as number;
    node.at = (place + 1) % count;
    return place;
  }

  #load(node: ModelNode): number {
    return isLeaf(node) ? node.load : node.children.reduce((sum, child) => sum + this.#load(child), 0);
  }

  #note(leaf: ModelLeaf, code: number): void {
    if (leaf.status === 'off') return;
    const { markForSuspension: mark, suspendOnFailure: suspend } = leaf.rules;
    const timeoutCodes = mark.errorCodes.length > 0 ? mark.errorCodes : ['101504', '101505'];
    if (timeoutCodes.includes(String(code)) && leaf.timeouts < mark.retriesBeforeSuspension) {
      leaf.timeouts++;
      leaf.status = 'timeout';
      leaf.until = this.now + mark.retryDelay;
      return;
    }
    const suspends = suspend.errorCodes.length === 0 || suspend.errorCodes.includes(String(code));
    if (!timeoutCodes.includes(String(code)) && !suspends) return;
    const grown = leaf.lastDuration > 0 ? Math.floor(leaf.lastDuration * suspend.progressionFactor) : null;
    leaf.lastDuration = Math.min(
      grown ?? suspend.initialDuration ?? 30_000,
      suspend.maximumDuration ?? Number.POSITIVE_INFINITY,
    );
    leaf.status = 'suspended';
    leaf.until = this.now + leaf.lastDuration;
  }
}

const fresh = { status: 'active', until: 0, timeouts: 0, lastDuration: 0 } as const;
