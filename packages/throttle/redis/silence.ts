/** Notices that Redis owes an answer and has said nothing for too long. */
export class Silence {
  private readonly longest: number;
  private readonly late: () => void;
  /** Questions without an answer, and since when there was none. */
  private unanswered = 0;
  private since = 0;
  private watch: NodeJS.Timeout | undefined;
  private closed = false;

  /** `longest` in milliseconds; `late` may be called again and again. */
  constructor(longest: number, late: () => void) {
    this.longest = longest;
    this.late = late;
  }

  asked(): void {
    if (this.unanswered++ > 0) return;
    this.since = performance.now();
    this.watch ??= this.lookIn(this.longest);
  }

  answered(): void {
    this.unanswered--;
    this.since = performance.now();
  }

  close(): void {
    this.closed = true;
  }

  private lookIn(millis: number): NodeJS.Timeout {
    // What came while this process was busy is read before Redis is called late.
    return setTimeout(() => setImmediate(() => this.look()), millis).unref();
  }

  private look(): void {
    this.watch = undefined;
    if (this.unanswered === 0 || this.closed) return;
    const rest = this.since + this.longest - performance.now();
    if (rest > 0) this.watch = this.lookIn(rest);
    else this.late();
  }
}
