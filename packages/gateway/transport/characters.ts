/** Character classes of RFC 9110 section 5.6.2 and RFC 9112, as tables over bytes: 1 belongs, 0 does not. */

function table(belongs: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (belongs(code) ? 1 : 0));
}

const marks = new Set([..."!#$%&'*+-.^_`|~"].map((mark) => mark.charCodeAt(0)));
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isLetter = (code: number) => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

/** `tchar`: methods and field names. */
export const tokenCharacter = table((code) => isDigit(code) || isLetter(code) || marks.has(code));

/** Field values: printable, blank, tab and obs-text; no control byte. */
export const valueCharacter = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f));

/** Request targets: printable ASCII without blank and `#`, which begins what is never sent. */
export const targetCharacter = table((code) => code > 0x20 && code < 0x7f && code !== 0x23);

/** `host [":" port]`: registered names, addresses, IPv6 literals. */
export const hostCharacter = table(
  (code) => isDigit(code) || isLetter(code) || "-._~!$&'()*+,;=:[]%".includes(String.fromCharCode(code)),
);

/** Lower-case twin of each byte (ASCII letters only). */
export const lowerCase = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= 0x41 && code <= 0x5a ? code | 0x20 : code,
);

export const blank = 0x20;
export const tab = 0x09;
export const carriageReturn = 0x0d;
export const lineFeed = 0x0a;
export const colon = 0x3a;

/** Text of the bytes from `start` to `end`. Node's own `toString` looks the encoding up before it comes to this. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Buffer & { latin1Slice(start: number, end: number): string }).latin1Slice(start, end);
}

/** The same latin1 text in one piece. What was joined is a tree of its pieces, which each write walks anew, and a slice keeps the whole. */
export function flat(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  return latin1(bytes, 0, bytes.length);
}
