import { type Fields, Kind } from './fields.ts';

/** Kinds that are never passed on. */
const hopKinds = [Kind.transferEncoding, Kind.connection, Kind.hop, Kind.keepAlive, Kind.upgrade];

/** Kinds of request fields that the gateway writes itself or never passes on, a bit for each. */
export const requestDrops: number = kindsOf(Kind.host, ...hopKinds);

/** What answers say about the server, compiled once. */
export interface ServerHeader {
  /** Line of an answer that has none; empty adds none. */
  readonly line: string;
  /** The backend's own is passed on. */
  readonly passesOn: boolean;
  /** Kinds of answer fields that are not passed on, a bit for each. */
  readonly drops: number;
  /** The same for answers that have no body by definition, so that a length would be a lie. */
  readonly bodilessDrops: number;
}

/** `name` is the value of `Server`, empty for none. */
export function compileServer(name: string, passesOn: boolean): ServerHeader {
  const kinds = passesOn ? hopKinds : [...hopKinds, Kind.server];
  return {
    line: name === '' ? '' : `Server: ${name}\r\n`,
    passesOn,
    drops: kindsOf(...kinds),
    bodilessDrops: kindsOf(...kinds, Kind.contentLength),
  };
}

/** A gateway that does not show itself. */
export const unnamedServer: ServerHeader = compileServer('', true);

function kindsOf(...kinds: number[]): number {
  return kinds.reduce((bits, kind) => bits | (1 << kind), 0);
}

/** Names to leave out, prepared so that most fields are dismissed by their length. */
interface NameSet {
  readonly lengths: Uint8Array;
  readonly names: readonly string[];
}

const prepared = new WeakMap<ReadonlySet<string>, NameSet>();
const longestName = 64;

function prepare(names: ReadonlySet<string>): NameSet {
  let set = prepared.get(names);
  if (!set) {
    const lengths = new Uint8Array(longestName + 1);
    for (const name of names) lengths[Math.min(name.length, longestName)] = 1;
    set = { lengths, names: [...names] };
    prepared.set(names, set);
  }
  return set;
}

/**
 * The field lines that are passed on, byte for byte and in order, as one string of whole lines.
 * Left out are the kinds in `drops`, the names in `without` (lower-case), and what `Connection` named (`options`).
 */
export function keptFields(
  fields: Fields,
  drops: number,
  without: ReadonlySet<string> | null,
  options: readonly string[],
): string {
  const names = without !== null && without.size > 0 ? prepare(without) : null;
  const optional = options.length > 0 && options.some(isFieldName) ? new Set(options) : null;
  let kept = '';
  let runStart = -1;
  for (let line = 0; line < fields.count; line++) {
    const kind = fields.kind(line);
    const drop =
      (drops & (1 << kind)) !== 0 ||
      (kind === Kind.ordinary &&
        ((names !== null && isListed(fields, line, names)) || optional?.has(fields.name(line).toLowerCase())));
    if (drop) {
      if (runStart >= 0) kept += fields.text.slice(runStart, fields.lineStart(line));
      runStart = -1;
    } else if (runStart < 0) {
      runStart = fields.lineStart(line);
    }
  }
  // The head's last two bytes are its empty line.
  return runStart >= 0 ? kept + fields.text.slice(runStart, fields.text.length - 2) : kept;
}

function isFieldName(option: string): boolean {
  return option !== 'close' && option !== 'keep-alive';
}

function isListed(fields: Fields, line: number, { lengths, names }: NameSet): boolean {
  const length = fields.nameLength(line);
  if (lengths[Math.min(length, longestName)] !== 1) return false;
  for (const name of names) {
    if (name.length === length && fields.isNamed(line, name)) return true;
  }
  return false;
}
