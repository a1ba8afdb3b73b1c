import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Type of the records that carry alerts, `close_notify` among them (RFC 5246 section 6.2.1); TLS 1.3 hides it. */
const alert = 21;
const headerBytes = 5;

/** Stands between a TLS client and its TCP connection, and sees which records come from the server. */
export class TlsTap extends Duplex {
  readonly #raw: Socket;
  #last = 0;
  /** Part of a record's header, and bytes of the record that are still to come. */
  #header = Buffer.alloc(0);
  #rest = 0;

  constructor(raw: Socket) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    raw.on('data', (bytes: Buffer) => {
      this.#note(bytes);
      if (!this.push(bytes)) raw.pause();
    });
    raw.on('end', () => this.push(null));
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => this.destroy());
  }

  /** The last that came was an alert: the server has said that nothing more comes (RFC 9112 section 9.8). */
  get goodbye(): boolean {
    return this.#last === alert;
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#raw.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.#raw.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }

  #note(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#rest > 0) {
        const taken = Math.min(this.#rest, bytes.length - at);
        this.#rest -= taken;
        at += taken;
        continue;
      }
      const missing = headerBytes - this.#header.length;
      this.#header = Buffer.concat([this.#header, bytes.subarray(at, at + missing)]);
      at += missing;
      if (this.#header.length < headerBytes) return;
      this.#last = this.#header[0] ?? 0;
      this.#rest = this.#header.readUInt16BE(3);
      this.#header = Buffer.alloc(0);
    }
  }
}
