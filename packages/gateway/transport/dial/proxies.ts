import { type HostPattern, hostPattern } from '@sluice/model';
import type { Route } from '../call.ts';

/** An HTTP proxy between the gateway and backends. */
export interface ProxyOptions {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** A proxy for some hosts. Patterns as `hostPattern` reads them. */
export interface ProxyProfile extends ProxyOptions {
  readonly targets: readonly string[];
  /** Of the hosts that `targets` fit, those that are called directly. */
  readonly bypass: readonly string[];
}

export interface ProxyRules {
  /** For every host that no profile is for. `http.proxyHost`, `http.proxyPort`, `http.nonProxyHosts`. */
  readonly everything?: ProxyOptions & { readonly bypass: readonly string[] };
  /** For plain backends: `transport.http.proxy_profile`; and for those with TLS: `secured_proxy_profile`. */
  readonly plain: readonly ProxyProfile[];
  readonly secured: readonly ProxyProfile[];
}

/** A proxy as connections use it. */
export interface OutgoingProxy {
  readonly host: string;
  readonly port: number;
  /** `Proxy-Authorization: …\r\n`, or empty. */
  readonly authorization: string;
  /** `host:port`, for messages. */
  readonly label: string;
}

interface CompiledProfile {
  readonly targets: readonly HostPattern[];
  readonly bypass: readonly HostPattern[];
  readonly proxy: OutgoingProxy;
}

/** Says which proxy a route goes through. Each route is decided once. */
export class Proxies {
  readonly #plain: readonly CompiledProfile[];
  readonly #secured: readonly CompiledProfile[];
  readonly #decided = new WeakMap<Route, OutgoingProxy | null>();

  /** Throws a SyntaxError for a broken pattern. */
  constructor(rules: ProxyRules) {
    const everything = rules.everything === undefined ? [] : [compile({ ...rules.everything, targets: ['*'] })];
    this.#plain = [...inOrder(rules.plain), ...everything];
    this.#secured = [...inOrder(rules.secured), ...everything];
  }

  /** Null when the route is called directly. */
  of(route: Route): OutgoingProxy | null {
    let proxy = this.#decided.get(route);
    if (proxy === undefined) {
      proxy = this.#decide(route);
      this.#decided.set(route, proxy);
    }
    return proxy;
  }

  #decide({ host, tls, proxy }: Route): OutgoingProxy | null {
    if (proxy !== undefined) return proxy === 'direct' ? null : outgoing(proxy);
    const profiles = tls === null ? this.#plain : this.#secured;
    const profile = profiles.find(({ targets }) => targets.some((fits) => fits(host)));
    return profile === undefined || profile.bypass.some((fits) => fits(host)) ? null : profile.proxy;
  }
}

/** WSO2 looks at the profiles in their order, and at the one for all hosts (`*`) last. */
function inOrder(profiles: readonly ProxyProfile[]): CompiledProfile[] {
  const forAll = ({ targets }: ProxyProfile) => targets.includes('*');
  return [...profiles.filter((one) => !forAll(one)), ...profiles.filter(forAll)].map(compile);
}

function compile(profile: ProxyProfile): CompiledProfile {
  return {
    targets: profile.targets.map(hostPattern),
    bypass: profile.bypass.map(hostPattern),
    proxy: outgoing(profile),
  };
}

function outgoing({ host, port, username, password }: ProxyOptions): OutgoingProxy {
  // RFC 7617, in UTF-8.
  const credentials = Buffer.from(`${username ?? ''}:${password ?? ''}`, 'utf8').toString('base64');
  return {
    host,
    port,
    authorization: username === undefined || username === '' ? '' : `Proxy-Authorization: Basic ${credentials}\r\n`,
    label: authority(host, port),
  };
}

/** `host:port`; an IPv6 address in brackets. */
export function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
