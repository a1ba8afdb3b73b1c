import { openSync, writeSync } from 'node:fs';

/**
 * A file that takes whole lines, one system call for each, so that the last words before a crash are there. A disk that is full or a
 * file that may not be written costs lines and never the program: the number of lost lines is written when it works again.
 */
export class LogFile {
  readonly #path: string;
  #file: number | undefined;
  #lost = 0;
  /** Whether the last write stopped in the middle of a line. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Appends a line, which ends in a line feed. */
  write(line: string): void {
    try {
      this.#file ??= openSync(this.#path, 'a');
      this.#append(`${this.#torn ? '\n' : ''}${this.#lost > 0 ? this.#lossLine() : ''}${line}`);
      this.#lost = 0;
    } catch (error) {
      if (this.#lost++ === 0) process.stderr.write(`sluice: log lines are lost: ${(error as Error).message}\n`);
    }
  }

  #append(text: string): void {
    let left = Buffer.from(text, 'utf8');
    while (left.length > 0) {
      const written = writeSync(this.#file as number, left);
      left = left.subarray(written);
      this.#torn = left.length > 0;
    }
  }

  #lossLine(): string {
    const time = new Date().toISOString();
    return `${JSON.stringify({ level: 'warn', time, pid: process.pid, lines: this.#lost, msg: 'log lines were lost' })}\n`;
  }
}
