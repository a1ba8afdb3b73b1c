import { closeSync, fstatSync, fsync, openSync, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const sync = promisify(fsync);

/** A file of lines that grows. What a write leaves behind that fails in its middle is one line that cannot be read, and no other. */
export class AppendFile {
  readonly #descriptor: number;
  #bytes: number;
  #isDirty = false;
  #isClosed = false;
  #isTorn: boolean;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#bytes = fstatSync(descriptor).size;
    this.#isTorn = endsTorn(descriptor, this.#bytes);
  }

  /** Opens one to go on with, or begins it. Throws as the system does. */
  static open(path: string): AppendFile {
    return new AppendFile(openSync(path, 'a+', 0o600));
  }

  /** Begins one; what is there goes. */
  static create(path: string): AppendFile {
    return new AppendFile(openSync(path, 'w+', 0o600));
  }

  /** Bytes that are in it. */
  get size(): number {
    return this.#bytes;
  }

  /** It ends in the middle of a line. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** Lines with their ends. They are the system's when this returns. */
  append(lines: string): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${lines}` : lines);
    this.#isTorn = true;
    this.#isDirty = true;
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.#descriptor, bytes, at);
      this.#bytes += written;
      at += written;
    }
    this.#isTorn = false;
  }

  /** What was appended is the disk's when this resolves. */
  async sync(): Promise<void> {
    if (!this.#isDirty || this.#isClosed) return;
    this.#isDirty = false;
    await sync(this.#descriptor);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }
}

function endsTorn(descriptor: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}
