/** One element of a file in ASN.1's basic encoding (X.690), of which the distinguished one is a part. */
export interface Element {
  /** First byte: class, form and number. */
  readonly tag: number;
  /** Bytes of the content; of an element of parts, in their encoding. */
  readonly content: Buffer;
  /** Parts; empty for one without. */
  readonly parts: readonly Element[];
}

/** Deeper than any real file; what is deeper is refused. */
const mostLevels = 32;

/** The one element that `bytes` hold; what follows it is left alone. Throws an Error in words when they hold none. */
export function readElement(bytes: Buffer): Element {
  return read(bytes, 0, mostLevels).element;
}

interface Read {
  readonly element: Element;
  readonly end: number;
}

function read(bytes: Buffer, at: number, levels: number): Read {
  const tag = bytes[at];
  const first = bytes[at + 1];
  // Numbers above 30 have further bytes; no format that is read here has them.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || levels === 0)
    throw new Error('it is damaged');
  const compound = (tag & 0x20) !== 0;
  if (first === 0x80) {
    const { parts, end } = readParts(bytes, at + 2, bytes.length, levels, true);
    return { element: { tag, content: bytes.subarray(at + 2, end - 2), parts }, end };
  }
  const long = first > 0x80 ? first & 0x7f : 0;
  if (long > 4 || at + 2 + long > bytes.length) throw new Error('it is damaged');
  const length = long === 0 ? first : bytes.readUIntBE(at + 2, long);
  const start = at + 2 + long;
  const end = start + length;
  if (end > bytes.length) throw new Error('it is cut off');
  const parts = compound ? readParts(bytes, start, end, levels, false).parts : [];
  return { element: { tag, content: bytes.subarray(start, end), parts }, end };
}

/** Up to `end`, or up to the mark of the end of an element whose length was not known. */
function readParts(bytes: Buffer, from: number, end: number, levels: number, marked: boolean) {
  const parts: Element[] = [];
  let at = from;
  while (at < end) {
    if (marked && bytes[at] === 0 && bytes[at + 1] === 0) return { parts, end: at + 2 };
    const next = read(bytes, at, levels - 1);
    if (next.end > end) throw new Error('it is damaged');
    parts.push(next.element);
    at = next.end;
  }
  if (marked) throw new Error('it is cut off');
  return { parts, end: at };
}

/** The part with that index; throws when there is none. */
export function part({ parts }: Element, index: number): Element {
  const found = parts[index];
  if (found === undefined) throw new Error('it is damaged');
  return found;
}

/** Bytes of a string of bytes, whole or in parts. */
export function bytesOf(element: Element): Buffer {
  return element.parts.length === 0 ? element.content : Buffer.concat(element.parts.map(bytesOf));
}

/** A small number that is not negative. */
export function numberOf({ content }: Element): number {
  if (content.length > 5 || (content[0] ?? 0x80) >= 0x80) throw new Error('it is damaged');
  return content.readUIntBE(0, content.length);
}

/** `1.2.840.113549.1.7.1` */
export function identifierOf({ tag, content }: Element): string {
  if (tag !== 0x06 || content.length === 0 || content.length > 32) throw new Error('it is damaged');
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join('.');
}
