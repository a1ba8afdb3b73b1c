import { ChunkDecoder } from './chunks.ts';
import { badRequest, type Refusal } from './refusal.ts';
import { chunked } from './request-head.ts';
import type { RequestTaker } from './sides.ts';

/** Reads the body of one HTTP/1.1 request out of its connection's bytes and hands it to the exchange, or throws it away. */
export class RequestBody {
  /** All of it has come. */
  complete: boolean;
  /** Bytes that were thrown away. */
  discarded = 0;
  /** Index of the first byte that `read` did not take. */
  at = 0;
  /** Bytes that are still to come; -1 when that is not known. */
  get remaining(): number {
    return this.#decoder === null ? this.#remaining : -1;
  }
  readonly #decoder: ChunkDecoder | null;
  #remaining: number;

  /** `length` is that of the head, or `chunked`; `bound` that of extensions and trailers. */
  constructor(length: number, bound: number) {
    this.complete = length === 0;
    this.#remaining = length;
    this.#decoder = length === chunked ? new ChunkDecoder(bound) : null;
  }

  /** Takes what is there from `from` on. Returns what is wrong with it, null when nothing is. */
  read(input: Buffer, from: number, taker: RequestTaker): Refusal | null {
    if (this.#decoder !== null) return this.#readChunks(this.#decoder, input, from, taker);
    const end = Math.min(input.length, from + this.#remaining);
    this.#remaining -= end - from;
    this.at = end;
    const refusal = end > from ? this.#hand(input, from, end, taker) : null;
    if (refusal === null && this.#remaining === 0) this.#end('', taker);
    return refusal;
  }

  #readChunks(decoder: ChunkDecoder, input: Buffer, from: number, taker: RequestTaker): Refusal | null {
    this.at = from;
    for (;;) {
      const step = decoder.step(input, this.at);
      this.at = decoder.at;
      if (step === 'more') return null;
      if (step === 'bad') return badRequest(decoder.error);
      if (step === 'end') {
        this.#end(decoder.trailers, taker);
        return null;
      }
      const refusal = this.#hand(input, decoder.dataStart, decoder.dataEnd, taker);
      if (refusal !== null) return refusal;
    }
  }

  #hand(input: Buffer, start: number, end: number, taker: RequestTaker): Refusal | null {
    if (taker.answered) {
      this.discarded += end - start;
      return null;
    }
    return taker.requestData(start === 0 && end === input.length ? input : input.subarray(start, end));
  }

  #end(trailers: string, taker: RequestTaker): void {
    this.complete = true;
    taker.requestEnd(trailers);
  }
}
