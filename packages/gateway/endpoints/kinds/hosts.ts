import { hostPattern } from '@sluice/model';
import type { EndpointUrl } from '../url.ts';

/** Hosts that a call may choose: an empty list allows none. */
export class AllowedHosts {
  readonly #rules: readonly { readonly fits: (host: string) => boolean; readonly port: number | 'usual' | 'any' }[];

  /**
   * Each entry is a host as `hostPattern` reads it, with `:port`, `:*` for any port, or nothing for the one that the scheme has. Throws an Error in words for an entry that
   * cannot be read.
   */
  constructor(entries: readonly string[]) {
    this.#rules = entries.map((entry) => {
      const [, host = '', port] = /^(.+?)(?::(\d{1,5}|\*))?$/.exec(entry.trim()) ?? [];
      if (host === '' || Number(port) > 65535) throw new Error(`${JSON.stringify(entry)} is no host with a port`);
      return { fits: hostPattern(host), port: port === undefined ? 'usual' : port === '*' ? 'any' : Number(port) };
    });
  }

  allows({ hostname, port, secure }: Pick<EndpointUrl, 'hostname' | 'port' | 'secure'>): boolean {
    // A name that ends in a dot is the same name.
    const host = hostname.replace(/\.$/, '');
    const usual = secure ? 443 : 80;
    return this.#rules.some((rule) => {
      const fitsPort = rule.port === 'any' || port === (rule.port === 'usual' ? usual : rule.port);
      return fitsPort && rule.fits(host);
    });
  }
}

/** Throws an Error in words for an entry that cannot be read. */
export function assertHosts(entries: readonly string[]): void {
  new AllowedHosts(entries);
}
