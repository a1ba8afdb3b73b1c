import type { Call } from '../transport/call.ts';

/**
 * `append` adds the client to the chain of addresses that it sent; scheme and host are those that the gateway saw. `trust` keeps the
 * scheme and the host that a proxy in front of the gateway sent. `replace` believes nothing that the client sent. `off` passes on
 * what came and adds nothing.
 */
export type XForwardedMode = 'append' | 'trust' | 'replace' | 'off';

/** `append` adds an element to the client's list (RFC 7239 section 4), `replace` sends the gateway's alone, `off` passes on what came. */
export type ForwardedMode = 'append' | 'replace' | 'off';

/** Writes `X-Forwarded-For`, `-Proto` and `-Host`: who called the gateway, and how. */
export class XForwarded {
  /** Lower-case names of which the client's lines are left out. */
  readonly without: readonly string[];
  readonly #chains: boolean;
  readonly #keepsFor: boolean;
  readonly #keepsProto: boolean;
  readonly #keepsHost: boolean;

  /** `preserved` are lower-case names that go on as the client sent them. */
  constructor(mode: Exclude<XForwardedMode, 'off'>, preserved: ReadonlySet<string>) {
    this.#chains = mode !== 'replace';
    this.#keepsFor = preserved.has('x-forwarded-for');
    this.#keepsProto = mode === 'trust' || preserved.has('x-forwarded-proto');
    this.#keepsHost = mode === 'trust' || preserved.has('x-forwarded-host');
    const without: string[] = [];
    if (!this.#keepsFor) without.push('x-forwarded-for');
    if (!this.#keepsProto) without.push('x-forwarded-proto');
    if (!this.#keepsHost) without.push('x-forwarded-host');
    this.without = without;
  }

  lines(call: Call): string {
    const { head } = call;
    const before = this.#chains || this.#keepsFor ? head.header('x-forwarded-for') : undefined;
    let lines = '';
    if (before === undefined) lines = `X-Forwarded-For: ${call.remoteAddress}\r\n`;
    else if (!this.#keepsFor) {
      lines = `X-Forwarded-For: ${before === '' ? '' : `${before}, `}${call.remoteAddress}\r\n`;
    }
    if (!(this.#keepsProto && head.header('x-forwarded-proto') !== undefined)) {
      lines += call.secure ? 'X-Forwarded-Proto: https\r\n' : 'X-Forwarded-Proto: http\r\n';
    }
    if (head.host !== '' && !(this.#keepsHost && head.header('x-forwarded-host') !== undefined)) {
      lines += `X-Forwarded-Host: ${head.host}\r\n`;
    }
    return lines;
  }
}

/** One element of `Forwarded`. An IPv6 address stands in brackets and quotes (RFC 7239 section 6), a host may hold a colon. */
export function forwardedLine({ remoteAddress, secure, head }: Call): string {
  const node = remoteAddress === '' ? 'unknown' : remoteAddress.includes(':') ? `"[${remoteAddress}]"` : remoteAddress;
  const host = head.host === '' ? '' : `;host="${head.host}"`;
  return `Forwarded: for=${node}${host};proto=${secure ? 'https' : 'http'}\r\n`;
}
