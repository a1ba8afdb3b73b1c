import { member } from '../finding.ts';

/** Deepest nesting of a definition; real ones stay below 60, and programs that walk deeper ones run out of stack. */
export const maxDepth = 256;

interface Frame {
  /** Member names seen, for an object; null for a list. */
  readonly names: Set<string> | null;
  /** The member or index being read. */
  at: string | number;
}

/** What is wrong with a JSON text that a JSON parser would pass over. */
export interface JsonFlaw {
  readonly kind: 'depth' | 'duplicate';
  /** Path of the place. */
  readonly path: string;
  readonly line: number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * Looks through a JSON text for what `JSON.parse` accepts in silence: nesting without bound, and members given twice, of which only the last would survive.
 * Malformed text is passed over; the parser reports it better.
 */
export function findJsonFlaw(text: string): JsonFlaw | undefined {
  const frames: Frame[] = [];
  let frame: Frame | undefined;
  let expectsName = false;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x7b: // {
      case 0x5b: {
        // [
        const isObject = text.charCodeAt(index) === 0x7b;
        if (frames.length >= maxDepth) return flaw('depth', frames, text, index);
        frame = { names: isObject ? new Set() : null, at: isObject ? '' : 0 };
        frames.push(frame);
        expectsName = isObject;
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        frames.pop();
        frame = frames.at(-1);
        expectsName = false;
        break;
      case 0x2c: // ,
        expectsName = frame?.names != null;
        if (frame !== undefined && typeof frame.at === 'number') frame.at++;
        break;
      case quote: {
        const end = closingQuote(text, index);
        if (expectsName && frame?.names != null) {
          const name = nameAt(text, index, end);
          frame.at = name;
          if (frame.names.has(name)) return flaw('duplicate', frames, text, index);
          frame.names.add(name);
          expectsName = false;
        }
        index = end;
        break;
      }
    }
  }
  return undefined;
}

/** Index of the quote that ends the string begun at `start`, or the end of the text. */
function closingQuote(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function nameAt(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

function flaw(kind: JsonFlaw['kind'], frames: readonly Frame[], text: string, index: number): JsonFlaw {
  const shown = kind === 'depth' ? frames.slice(0, 8) : frames;
  return { kind, path: shown.reduce((path, { at }) => member(path, at), ''), line: lineAt(text, index) };
}

/** Number of the line that the offset is in, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
