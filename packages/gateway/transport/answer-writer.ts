import { latin1 } from './characters.ts';
import { statusLine } from './reason.ts';
import { type Socket, stringBytes } from './socket/socket.ts';

/** Writes the answers of one HTTP/1.1 connection: what belongs together goes out in one write. */
export class AnswerWriter {
  readonly #socket: Socket;
  #gathered = '';
  #chunked = false;
  #full = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Head and framing. `lines` are all header lines but that of the coding. */
  head(status: number, reason: string, lines: string, chunked: boolean): void {
    this.#chunked = chunked;
    const end = chunked ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n';
    this.#gathered += statusLine(status, reason) + lines + end;
  }

  data(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#gathered.length + length <= stringBytes) {
      const text = latin1(bytes, start, end);
      this.#gathered += this.#chunked ? `${length.toString(16)}\r\n${text}\r\n` : text;
      return;
    }
    const before = this.#chunked ? `${this.#gathered}${length.toString(16)}\r\n` : this.#gathered;
    this.#gathered = this.#chunked ? '\r\n' : '';
    const piece = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    if (!this.#socket.write(before, piece)) this.#full = true;
  }

  end(trailers: string): void {
    if (this.#chunked) this.#gathered += `0\r\n${trailers}\r\n`;
    this.#chunked = false;
  }

  /** Sends what was gathered. False: the client takes no more for now. */
  flush(): boolean {
    if (this.#gathered !== '') {
      const text = this.#gathered;
      this.#gathered = '';
      if (!this.#socket.writeText(text)) this.#full = true;
    }
    const full = this.#full;
    this.#full = false;
    return !full;
  }
}
