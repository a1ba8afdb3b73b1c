/**
 * The one place where values change form between the program and the two engines. Columns hold only text, integers
 * and bytes, so that both engines keep and compare them alike: booleans are 0 and 1, times are epoch milliseconds, documents are JSON text.
 */

/** A value as both drivers take it. */
export type Parameter = string | number | null | Uint8Array;

/**
 * Text loses what PostgreSQL cannot keep: NUL becomes U+FFFD, as lone surrogates do in UTF-8 on either engine.
 * Documents are not touched by it, since JSON escapes both.
 */
export function encodeParameter(value: unknown): Parameter {
  switch (typeof value) {
    case 'string':
      return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'bigint':
      return Number(value);
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(`a column cannot hold ${value === undefined ? 'undefined' : typeof value}`);
  }
}

export const encodeDocument = (value: unknown): string => JSON.stringify(value);

export const decodeDocument = <T>(text: string): T => JSON.parse(text) as T;

/** The form in which text compares without case. Not left to the database: `lower()` knows ASCII only on one, the locale's letters on the other. */
export const fold = (text: string): string => text.toLowerCase();
