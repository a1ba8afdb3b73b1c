import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type TlsVersions, versionOptions } from './versions.ts';

/** Certificate chain and private key, PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** What the gateway shows to backends and demands of them. Plain data. */
export interface SenderProfile {
  /** Shown to a backend that asks for a certificate. */
  readonly identity?: TlsIdentity;
  /** PEM certificates of the authorities that are believed; absent: those of the system. */
  readonly trusted?: readonly string[];
  /** Believes the authorities of the system besides `trusted`. */
  readonly trustsSystem?: boolean;
  /** Takes any certificate; its name is compared nevertheless. `novalidatecert`. */
  readonly anyCertificate?: boolean;
}

export interface SenderOptions extends SenderProfile, TlsVersions {
  /** For single backends: the first that names one holds for it, whole. */
  readonly profiles?: readonly (SenderProfile & {
    /** `host:port`, lower-case, or `*` for every backend. */
    readonly servers: readonly string[];
  })[];
}

/** A profile as connections use it. */
export interface SenderContext {
  readonly profile: SenderProfile;
  readonly context: SecureContext;
}

/** How the gateway meets backends over TLS. A context costs milliseconds and hundreds of kilobytes, so each is made once, when first needed. */
export class SenderTls {
  #options: SenderOptions;
  #byServer = new Map<string, SenderProfile>();
  #contexts = new Map<SenderProfile, SenderContext>();
  /** Contexts of routes that trust certificates of their own. */
  #widened = new WeakMap<readonly string[], SenderContext>();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.replace(options);
  }

  /** New connections use these options; those that are open go on as they are. */
  replace(options: SenderOptions): void {
    this.#options = options;
    this.#contexts = new Map();
    this.#widened = new WeakMap();
    this.#byServer = new Map();
    for (const profile of options.profiles ?? []) {
      for (const server of profile.servers) {
        if (!this.#byServer.has(server)) this.#byServer.set(server, profile);
      }
    }
  }

  /** What holds for a backend. `own` are PEM certificates that its route trusts besides. */
  contextFor(host: string, port: number, own: readonly string[] | undefined): SenderContext {
    const named = this.#byServer.get(`${host.toLowerCase()}:${port}`) ?? this.#byServer.get('*');
    const profile = named ?? this.#options;
    const known = own?.length ? this.#widened.get(own) : this.#contexts.get(profile);
    if (known !== undefined) return known;
    const made = { profile, context: this.#contextOf(profile, own ?? []) };
    if (own?.length) this.#widened.set(own, made);
    else this.#contexts.set(profile, made);
    return made;
  }

  #contextOf(profile: SenderProfile, own: readonly string[]): SecureContext {
    const { identity, trusted, trustsSystem } = profile;
    const system = trusted === undefined || trustsSystem ? getCACertificates('default') : [];
    const authorities = [...(trusted ?? []), ...own];
    return createSecureContext({
      ...versionOptions(this.#options),
      // Without `ca` Node uses the authorities of the system from a store that all such contexts share.
      ...(authorities.length > 0 || trusted !== undefined ? { ca: [...system, ...authorities] } : {}),
      ...(identity ? { cert: identity.cert, key: identity.key } : {}),
    });
  }
}
