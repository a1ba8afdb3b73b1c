/** A session as other processes need to know it. Plain data. */
export interface SessionNews {
  /** Which group of which API, and what it was told about sessions. */
  readonly table: string;
  readonly key: string;
  /** What the member is known by; empty when the session is over. */
  readonly member: string;
}

interface Session {
  readonly member: string;
  /** Monotonic milliseconds. */
  expires: number;
  /** When others heard of it last. */
  told: number;
}

/** Which member each session of one group is bound to. Every use makes a session last anew; beyond the bound the one that was used least recently is forgotten. */
export class SessionTable {
  readonly #timeout: number;
  readonly #most: number;
  readonly #tell: (key: string, member: string) => void;
  /** In the order in which they expire. */
  readonly #sessions = new Map<string, Session>();

  /** `timeout` in milliseconds; `tell` hears what other processes should. */
  constructor(timeout: number, most: number, tell: (key: string, member: string) => void) {
    this.#timeout = timeout;
    this.#most = most;
    this.#tell = tell;
  }

  /** The member of a session, which lasts anew; undefined where there is none. */
  find(key: string, now: number): string | undefined {
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    this.#sessions.delete(key);
    if (session.expires <= now) return undefined;
    session.expires = now + this.#timeout;
    this.#sessions.set(key, session);
    if (this.#isNews(session, now)) this.#told(key, session, now);
    return session.member;
  }

  /** Whether there is one. */
  has(key: string, now: number): boolean {
    return (this.#sessions.get(key)?.expires ?? 0) > now;
  }

  bind(key: string, member: string, now: number): void {
    const before = this.has(key, now) ? this.#sessions.get(key) : undefined;
    const session = { member, expires: now + this.#timeout, told: before?.told ?? now };
    this.#put(key, session, now);
    if (before?.member !== member || this.#isNews(session, now)) this.#told(key, session, now);
  }

  end(key: string): void {
    if (this.#sessions.delete(key)) this.#tell(key, '');
  }

  /** Another process says so. */
  take(key: string, member: string, now: number): void {
    if (member === '') this.#sessions.delete(key);
    else this.#put(key, { member, expires: now + this.#timeout, told: now }, now);
  }

  #put(key: string, session: Session, now: number): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    for (const [oldest, { expires }] of this.#sessions) {
      if (expires > now && this.#sessions.size <= this.#most) break;
      this.#sessions.delete(oldest);
    }
  }

  /** Others let go of a session that they hear nothing of. */
  #isNews({ told }: Session, now: number): boolean {
    return now - told > this.#timeout / 4;
  }

  #told(key: string, session: Session, now: number): void {
    session.told = now;
    this.#tell(key, session.member);
  }
}
