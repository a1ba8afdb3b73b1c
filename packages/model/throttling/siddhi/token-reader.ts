import { SiddhiError } from './siddhi-error.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Goes through the tokens of a query one by one. Words are compared without regard to case, as Siddhi compares its own. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #index = 0;

  /** Throws `SiddhiError`. */
  constructor(query: string) {
    this.#tokens = tokensOf(query);
  }

  get current(): Token {
    return this.#tokens[this.#index] as Token;
  }

  /** The end stays the end. */
  next(): void {
    if (this.current.kind !== 'end') this.#index++;
  }

  isWord(word: string): boolean {
    return this.current.kind === 'word' && this.current.value.toLowerCase() === word.toLowerCase();
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.next();
    return true;
  }

  takeSign(sign: string): boolean {
    if (this.current.kind !== 'sign' || this.current.value !== sign) return false;
    this.next();
    return true;
  }

  expectWord(...words: readonly string[]): void {
    for (const word of words) if (!this.takeWord(word)) throw this.unexpected(word);
  }

  expectSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.unexpected(`"${sign}"`);
  }

  expectAnyWord(): string {
    const { kind, value } = this.current;
    if (kind !== 'word') throw this.unexpected('a name');
    this.next();
    return value;
  }

  unexpected(wanted: string): SiddhiError {
    const { kind, value, at } = this.current;
    return new SiddhiError(`${wanted} must stand here, not ${kind === 'end' ? 'the end' : `"${value}"`}`, at);
  }
}
