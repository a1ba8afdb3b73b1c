import { parse, TomlError } from 'smol-toml';
import { soundsSecret } from './mask.ts';
import { resolveName } from './names.ts';
import { locate, type Path, type Positions } from './positions.ts';
import type { Finding } from './report.ts';

/** One value of a document, at its place. */
export interface Leaf {
  /** The dotted key with array indexes: `apim.gateway.environment[0].name`. Quotes are gone. */
  readonly name: string;
  /** As TOML gave it: text, number, bigint, boolean, date, or an array of such. */
  readonly value: unknown;
  readonly line: number;
}

/** A document taken apart, or the reason why it cannot be. */
export type Document =
  | { readonly ok: true; readonly leaves: readonly Leaf[] }
  | { readonly ok: false; readonly finding: Finding };

/** Deepest nesting of arrays and inline tables. */
const maximumDepth = 32;

/** Reads TOML 1.0. `file` is the name that origins carry. */
export function readDocument(source: string, file: string): Document {
  let root: unknown;
  try {
    root = parse(source, { integersAsBigInt: 'asNeeded', unsafeKeyBehaviour: 'throw', maxDepth: maximumDepth });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { ok: false, finding: syntaxFinding(error, source, file) };
  }
  const leaves: Leaf[] = [];
  collect(root, [], '', locate(source), 1, leaves);
  return { ok: true, leaves };
}

function collect(value: unknown, path: Path, name: string, positions: Positions, above: number, leaves: Leaf[]): void {
  const line = positions.line(path) ?? above;
  if (isTable(value)) {
    for (const [key, member] of Object.entries(value)) {
      collect(member, [...path, key], name === '' ? key : `${name}.${key}`, positions, line, leaves);
    }
  } else if (Array.isArray(value) && value.length > 0 && value.every(isTable)) {
    value.forEach((member, index) => {
      collect(member, [...path, index], `${name}[${index}]`, positions, line, leaves);
    });
  } else leaves.push({ name, value, line });
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function syntaxFinding(error: TomlError, source: string, file: string): Finding {
  const lines = source.split(/\r?\n/);
  // An error at the very end of the file is reported behind its last line end.
  const line = Math.max(1, Math.min(error.line, lines.length));
  const text = lines[line - 1] ?? '';
  const message = messageOf(error, text);
  const before = locate([...lines.slice(0, line - 1), text.slice(0, Math.max(0, error.column - 1))].join('\n'));
  const shown = safeLine(text, before.last);
  const caret = error.column <= shown.length + 1 ? `\n${' '.repeat(String(line).length + 3 + error.column - 1)}^` : '';
  return {
    severity: 'error',
    key: '',
    origin: { kind: 'file', file, line },
    problem: `column ${error.column}: not valid TOML: ${message}`,
    remedy: remedyFor(message),
    nearest: [],
    excerpt: `${line} | ${shown}${caret}`,
  };
}

/** What the parser says, clearer where a line simply ends too early. */
function messageOf(error: TomlError, line: string): string {
  const message = error.message.split('\n', 1)[0]?.replace('Invalid TOML document: ', '') ?? '';
  if (error.column > line.length && /control characters/.test(message)) return 'the text is not closed on its line';
  if (error.column > line.length && /in key/.test(message)) return 'the line ends before the heading or the key does';
  return message;
}

function remedyFor(message: string): string {
  if (/redefine/.test(message)) return 'remove one of the two, or join the two tables under one heading';
  if (/unsafe/.test(message)) return 'use another name: __proto__ and constructor are refused';
  if (/depth|nest/i.test(message)) return 'nest less deeply';
  return 'correct the line: texts stand in quotes, names with dots in them stand in quotes, and each assignment has a line of its own';
}

/**
 * The line as far as it cannot give a secret away: in full when it is a heading, or sets one known setting that is no secret;
 * else only what stands before the first value.
 */
function safeLine(line: string, last: Path): string {
  const heading = /^\s*\[/.test(line);
  const assignments = line.match(/=/g)?.length ?? 0;
  if (heading && assignments === 0 && !/["']/.test(line)) return line.slice(0, 120);
  const name = last
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
  const type = resolveName(name)?.setting.type;
  const own = /^\s*([\w.'"-]+)\s*=/.exec(line)?.[1]?.replace(/["']/g, '') ?? '';
  const harmless =
    type !== undefined && type !== 'secret' && type !== 'any' && own !== '' && name.endsWith(own) && assignments === 1;
  if (harmless && !soundsSecret(line) && !line.includes('@')) return line.slice(0, 120);
  const end = line.search(/[="'{]/);
  return end === -1 ? '…' : `${line.slice(0, line[end] === '=' ? end + 1 : end)} …`;
}
