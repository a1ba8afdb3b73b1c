import { passedHeader } from '../throttling/passed.ts';
import type { Call } from '../transport/call.ts';
import { type ForwardedMode, forwardedLine, XForwarded, type XForwardedMode } from './forwarded.ts';

/** What the gateway does to the headers of requests, whatever API they are for. */
export interface HeaderRules {
  /** `X-Forwarded-For`, `-Proto` and `-Host`. */
  readonly xForwarded: XForwardedMode;
  /** `Forwarded` (RFC 7239). */
  readonly forwarded: ForwardedMode;
  /** Name that the gateway gives itself in `Via` (RFC 9110 section 7.6.3); empty sends none. */
  readonly via: string;
  /** Header that ties the records of one call together, and whether a call without one gets its id in it. */
  readonly correlation: { readonly name: string; readonly send: boolean };
  /** Value of `User-Agent` instead of the client's, empty for none at all; null hands the client's on. */
  readonly userAgent: string | null;
  /** Names of headers that the client sent and that go on as they are although the gateway would write them itself. */
  readonly preserved: readonly string[];
}

/** As WSO2 does, except for `X-Forwarded-*`, which it leaves to others. */
export const defaultHeaderRules: HeaderRules = {
  xForwarded: 'append',
  forwarded: 'off',
  via: '',
  correlation: { name: 'activityid', send: false },
  userAgent: 'Sluice',
  preserved: ['content-type'],
};

/** Lines for one call; mostly one writer is all there is. */
type Writer = (call: Call) => string;

/** Header rules, compiled once for all APIs. */
export interface CompiledHeaders {
  /** Lines that depend on the call. */
  readonly lines: Writer;
  /** Lines that are the same for every call. */
  readonly fixed: string;
  /** Lower-case names of client headers that the gateway writes itself, or keeps back. */
  readonly without: readonly string[];
  /** The backend sees the `Host` of the client instead of its own. */
  readonly keepsHost: boolean;
}

export function compileHeaders(rules: HeaderRules): CompiledHeaders {
  const preserved = new Set(rules.preserved.map((name) => name.toLowerCase()));
  const writers: Writer[] = [];
  // What the gateway says of quotas nobody else may.
  const without: string[] = [passedHeader];
  if (rules.xForwarded !== 'off') {
    const own = new XForwarded(rules.xForwarded, preserved);
    without.push(...own.without);
    writers.push((call) => own.lines(call));
  }
  if (rules.forwarded !== 'off') {
    const kept = preserved.has('forwarded');
    if (rules.forwarded === 'replace' && !kept) without.push('forwarded');
    writers.push(kept ? unlessSent('forwarded', forwardedLine) : forwardedLine);
  }
  if (rules.via !== '') {
    const [via10, via11, via2] = ['1.0', '1.1', '2.0'].map((version) => `Via: ${version} ${rules.via}\r\n`);
    // A list of several lines is one list: the client's Via stands before (RFC 9110 section 5.3).
    writers.push(({ head }) => (head.majorVersion === 2 ? via2 : head.minorVersion === 1 ? via11 : via10) as string);
  }
  if (rules.correlation.send) {
    const { name } = rules.correlation;
    writers.push(unlessSent(name.toLowerCase(), (call) => `${name}: ${call.id}\r\n`));
  }
  let fixed = '';
  if (rules.userAgent !== null && !preserved.has('user-agent')) {
    without.push('user-agent');
    if (rules.userAgent !== '') fixed += `User-Agent: ${rules.userAgent}\r\n`;
  }
  return { lines: joined(writers), fixed, without, keepsHost: preserved.has('host') };
}

function unlessSent(name: string, write: Writer): Writer {
  return (call) => (call.head.header(name) === undefined ? write(call) : '');
}

function joined(writers: readonly Writer[]): Writer {
  const [first] = writers;
  if (first === undefined) return () => '';
  if (writers.length === 1) return first;
  return (call) => {
    let lines = '';
    for (let i = 0; i < writers.length; i++) lines += (writers[i] as Writer)(call);
    return lines;
  };
}
