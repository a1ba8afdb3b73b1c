import { readXml, type XmlElement, XmlError } from '../xml/read.ts';
import { wholePattern } from './condition.ts';
import type { Condition, ConditionSource } from './options.ts';

/** Characters of the file, queues, and conditions that are read. */
const largest = 1024 * 1024;
const mostQueues = 64;
const mostConditions = 1000;
const mostThreads = 1_000_000;
const mostWaiting = 1_000_000;

/** What a file for `priorityConfigFile` says. */
export interface PriorityFile {
  /** `max` of `threads`: calls in flight. Synapse's default is 100. `core` and `keep-alive` are read and have no use here: there are no threads to keep. */
  readonly maxInFlight: number;
  /** A queue without a size has null. */
  readonly queues: readonly { readonly priority: number; readonly size: number | null }[];
  readonly conditions: readonly { readonly priority: number; readonly test: Condition }[];
  readonly defaultPriority: number;
}

/** The file cannot be used. The message names file, line and element, and says what to do. */
export class PriorityFileError extends Error {
  override readonly name = 'PriorityFileError';

  constructor(place: string, line: number, reason: string, options?: ErrorOptions) {
    super(`${place}:${line}: ${reason}`, options);
  }
}

/** Reads Synapse's file of priorities (wso2-gateway.md 1.3); `place` names it in messages. Throws `PriorityFileError`. */
export function readPriorityFile(text: string, place: string): PriorityFile {
  if (text.length > largest)
    throw new PriorityFileError(place, 1, `it is longer than ${largest} characters; shorten it`);
  try {
    return new Reader(place).read(readXml(text));
  } catch (error) {
    if (error instanceof XmlError) throw new PriorityFileError(place, error.line, error.message, { cause: error });
    throw error;
  }
}

class Reader {
  readonly #place: string;

  constructor(place: string) {
    this.#place = place;
  }

  read(root: XmlElement): PriorityFile {
    if (root.name !== 'priorityConfiguration') {
      this.#fail(root, `the root is <${root.name}>; it must be <priorityConfiguration>`);
    }
    this.#allow(root, ['priorityExecutor', 'priority-executor', 'conditions']);
    const executor = this.#only(root, 'priorityExecutor', 'priority-executor');
    this.#allow(executor, ['queues', 'threads']);
    this.#refuseClass(executor, 'beforeExecuteHandler');
    const queues = this.#queues(this.#only(executor, 'queues'));
    const threads = executor.children.find(({ name }) => name === 'threads');
    const conditions = this.#only(root, 'conditions');
    const known = new Set(queues.map(({ priority }) => priority));
    return {
      maxInFlight: threads ? this.#threads(threads) : 100,
      queues,
      conditions: this.#conditions(conditions, known),
      defaultPriority: conditions.attributes.has('defaultPriority')
        ? this.#priority(conditions, 'defaultPriority', known)
        : Math.min(...known),
    };
  }

  #queues(element: XmlElement): { priority: number; size: number | null }[] {
    this.#allow(element, ['queue']);
    this.#refuseClass(element, 'nextQueue');
    const fixed = element.attributes.get('isFixedSize') !== 'false';
    const seen = new Set<number>();
    const { children } = element;
    if (children.length === 0) this.#fail(element, '<queues> holds no <queue>; add one for each priority');
    if (children.length > mostQueues) this.#fail(element, `<queues> holds more than ${mostQueues}; leave some out`);
    return children.map((queue) => {
      this.#allow(queue, []);
      const priority = this.#priority(queue, 'priority');
      if (seen.has(priority)) this.#fail(queue, `<queue> repeats the priority ${priority}; give each its own`);
      seen.add(priority);
      if (!queue.attributes.has('size')) {
        if (fixed) this.#fail(queue, '<queue> has no size; say how many calls may wait in it');
        return { priority, size: null };
      }
      return { priority, size: this.#number(queue, 'size', 0, mostWaiting) };
    });
  }

  #threads(element: XmlElement): number {
    const core = element.attributes.has('core') ? this.#number(element, 'core', 0, mostThreads) : 0;
    if (element.attributes.has('keep-alive')) this.#number(element, 'keep-alive', 0, 2 ** 31 - 1);
    const max = element.attributes.has('max') ? this.#number(element, 'max', 1, mostThreads) : 100;
    if (core > max) this.#fail(element, `<threads> has core ${core} above max ${max}; raise max`);
    return max;
  }

  #conditions(element: XmlElement, known: ReadonlySet<number>): { priority: number; test: Condition }[] {
    this.#allow(element, ['condition']);
    const { children } = element;
    if (children.length > mostConditions) {
      this.#fail(element, `<conditions> holds more than ${mostConditions}; leave some out`);
    }
    return children.map((condition) => {
      const priority = this.#priority(condition, 'priority', known);
      const [test, another] = condition.children;
      if (!test || another) this.#fail(condition, '<condition> must hold one of and, or, not, equal, match');
      return { priority, test: this.#test(test) };
    });
  }

  #test(element: XmlElement): Condition {
    const { name, children } = element;
    switch (name) {
      case 'and':
      case 'or':
        if (children.length === 0) this.#fail(element, `<${name}> is empty; put conditions into it`);
        return { kind: name, of: children.map((child) => this.#test(child)) };
      case 'not': {
        const [child, another] = children;
        if (!child || another) this.#fail(element, '<not> must hold one condition');
        return { kind: 'not', of: this.#test(child) };
      }
      case 'equal':
        return { kind: 'equal', source: this.#source(element), value: this.#attribute(element, 'value') };
      case 'match': {
        const pattern = this.#attribute(element, 'regex');
        try {
          wholePattern(pattern);
        } catch {
          this.#fail(element, '<match> has a regex that cannot be read; write one that JavaScript knows too');
        }
        return { kind: 'match', source: this.#source(element), pattern };
      }
      default:
        return this.#fail(element, `<${name}> is not known here; use and, or, not, equal or match`);
    }
  }

  #source(element: XmlElement): ConditionSource {
    const type = element.attributes.get('type') ?? 'header';
    if (type === 'header' || type === 'param') return { from: type, name: this.#attribute(element, 'source') };
    if (type !== 'url') this.#fail(element, `<${element.name}> has the type "${type}"; use header, param or url`);
    // Synapse cuts the URL into parts by this attribute. A request names no scheme, host or port in its target.
    const part = element.attributes.get('fragment') ?? 'whole';
    if (part === 'whole' || part === 'path' || part === 'query') return { from: 'url', part };
    return this.#fail(element, `<${element.name}> has the fragment "${part}"; use path or query, or type="header"`);
  }

  #priority(element: XmlElement, name: string, known?: ReadonlySet<number>): number {
    const priority = this.#number(element, name, -(2 ** 31), 2 ** 31 - 1);
    if (known?.has(priority) === false) {
      this.#fail(element, `<${element.name}> has the priority ${priority}, which no <queue> has; add such a queue`);
    }
    return priority;
  }

  #number(element: XmlElement, name: string, least: number, most: number): number {
    const text = this.#attribute(element, name);
    const value = /^\s*[-+]?\d{1,10}\s*$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    return this.#fail(
      element,
      `<${element.name}> has ${name}="${text.slice(0, 40)}"; give a whole number from ${least} to ${most}`,
    );
  }

  #attribute(element: XmlElement, name: string): string {
    return element.attributes.get(name) ?? this.#fail(element, `<${element.name}> lacks the attribute ${name}; add it`);
  }

  #only(parent: XmlElement, ...names: string[]): XmlElement {
    const [first, another] = parent.children.filter(({ name }) => names.includes(name));
    if (first && !another) return first;
    return this.#fail(parent, `<${parent.name}> must hold one <${names[0]}>`);
  }

  #allow(element: XmlElement, names: readonly string[]): void {
    const strange = element.children.find(({ name }) => !names.includes(name));
    if (strange) this.#fail(strange, `<${strange.name}> is not known inside <${element.name}>; take it out`);
  }

  /** Calls leave their queues by priority, then age; there is no Java class to say otherwise. */
  #refuseClass(element: XmlElement, name: string): void {
    if (element.attributes.has(name)) {
      this.#fail(
        element,
        `<${element.name}> names a Java class in ${name}, which cannot run here; take the attribute out`,
      );
    }
  }

  #fail(element: XmlElement, reason: string): never {
    throw new PriorityFileError(this.#place, element.line, reason);
  }
}
