import type { FieldNames } from './field-names.ts';
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

/**
 * The field lines that are passed on, byte for byte and in order, as one string of whole lines.
 * Left out are the kinds in `drops`, the names in `without`, and what `Connection` named (`options`).
 */
export function keptFields(fields: Fields, drops: number, without: FieldNames, options: readonly string[]): string {
  // As many as a head has room for: they are not to be walked for each line.
  const optional = namesFields(options) ? new Set(options) : null;
  let kept = '';
  let runStart = -1;
  for (let line = 0; line < fields.count; line++) {
    const kind = fields.kind(line);
    const drop =
      (drops & (1 << kind)) !== 0 ||
      (kind === Kind.ordinary && (without.haveLine(fields, line) || optional?.has(fields.name(line).toLowerCase())));
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

/** Mostly `Connection` says only whether the connection stays. */
function namesFields(options: readonly string[]): boolean {
  for (let index = 0; index < options.length; index++) {
    if (options[index] !== 'close' && options[index] !== 'keep-alive') return true;
  }
  return false;
}
