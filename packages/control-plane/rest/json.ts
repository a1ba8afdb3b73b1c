import type { Json } from '@sluice/model';

/** Deeper JSON than this is refused: nothing of ours is, and what walks it later recurses. */
const deepest = 100;
/**
 * Values in one text. An API with ten thousand operations has some 150,000; ten megabytes could hold five million, and to parse,
 * check and report on those would keep the event loop, and with it every call of a gateway in this process, for minutes.
 */
const most = 250_000;

/** Reads JSON of strangers within bounds of depth and number. Throws an Error with the reason in words. */
export function parseJson(text: string): Json {
  weigh(text);
  return mayNamePrototype.test(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text);
}

/** The name, or an escape that could be a part of it. A reviver costs ten times the parsing, so it is called for these alone. */
const mayNamePrototype = /__proto__|\\u00/;

/** A member `__proto__` would become the prototype of whatever copies the object member by member. */
function withoutPrototype(key: string, value: Json): Json | undefined {
  return key === '__proto__' ? undefined : value;
}

/** Looks at the structure alone, before anything is made of it; whether it is JSON at all is for the parser to say. */
function weigh(text: string): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case '[':
      case '{':
        if (depth++ === deepest) throw new Error(`it is nested more than ${deepest} levels deep`);
        values++;
        break;
      case ']':
      case '}':
        depth--;
        break;
      case ',':
        values++;
        break;
    }
    if (values > most) throw new Error(`it holds more than ${most} values`);
  }
}

/** Where the closing quote stands, or the end of the text. */
function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
