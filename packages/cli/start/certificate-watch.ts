import { randomBytes } from 'node:crypto';
import type { Settings } from '@sluice/config';
import type { GatewayTls, TlsIdentity } from '@sluice/gateway';
import type { Log } from '@sluice/model';
import type { Home } from '../home/home.ts';
import { tlsIdentity } from '../home/keystore.ts';
import { TlsFiles } from '../keystore/tls-files.ts';
import { watchFiles } from '../keystore/watch-files.ts';
import { gatewayTls } from './tls.ts';

/** Milliseconds for which the keys of TLS tickets are in use: what a stolen one would open is a day's. */
const ticketKeyLife = 24 * 3600 * 1000;

/** Certificates of the data plane, with the keys of TLS tickets, which are the same in all processes and live through changes of certificates. */
export function gatewayCertificates(home: Home, log: Log): CertificateWatch<GatewayTls> {
  let keys = randomBytes(48);
  return new CertificateWatch({
    log,
    read: (settings, files) => gatewayTls(settings, home, keys, files),
    every: ticketKeyLife,
    renew() {
      keys = randomBytes(48);
    },
  });
}

/** The certificate of the portals and REST APIs. */
export function portalCertificate(home: Home, log: Log): CertificateWatch<TlsIdentity> {
  return new CertificateWatch({ log, read: (settings, files) => tlsIdentity(settings, home, files) });
}

interface WatchOptions<T> {
  readonly log: Log;
  /** Rejects with `UsageError`. */
  readonly read: (settings: Settings, files: TlsFiles) => Promise<T>;
  /** Milliseconds after which `renew` is called, and everything is read again. */
  readonly every?: number;
  readonly renew?: () => void;
}

/** Certificates that are read when a program starts and when it is told to, and again when their files change. */
export class CertificateWatch<T> {
  readonly #options: WatchOptions<T>;
  #apply: (read: T) => void = () => {};
  #stop: () => void = () => {};
  #settings: Settings | undefined;
  #seen: ReadonlyMap<string, string> = new Map();
  #renewal: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WatchOptions<T>) {
    this.#options = options;
  }

  /** Reads what the settings name, and from now on looks after those files. */
  async read(settings: Settings): Promise<T> {
    const files = new TlsFiles();
    try {
      const read = await this.#options.read(settings, files);
      for (const warning of files.warnings) this.#options.log.warn(warning);
      this.#follow(settings, files.seen);
      return read;
    } catch (error) {
      // What is missing or broken may be put right in its file alone; what was in force is looked after too.
      this.#follow(this.#settings ?? settings, new Map([...this.#seen, ...files.seen]));
      throw error;
    }
  }

  /** Says who takes over what was read anew because files changed. */
  start(apply: (read: T) => void): void {
    this.#apply = apply;
    const { every, renew } = this.#options;
    if (every === undefined || renew === undefined) return;
    this.#renewal = setInterval(() => {
      renew();
      void this.#readAnew('the keys of TLS tickets were renewed');
    }, every).unref();
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    clearInterval(this.#renewal);
  }

  #follow(settings: Settings, seen: ReadonlyMap<string, string>): void {
    this.#stop();
    this.#settings = settings;
    this.#seen = seen;
    if (this.#closed) return;
    this.#stop = watchFiles(seen, intervalOf(settings), () => {
      void this.#readAnew('certificates have changed and were taken over');
    });
  }

  async #readAnew(done: string): Promise<void> {
    if (this.#settings === undefined) return;
    const { log } = this.#options;
    try {
      const read = await this.read(this.#settings);
      if (this.#closed) return;
      this.#apply(read);
      log.info(done);
    } catch (error) {
      log.error('certificates have changed and cannot be used; those in force stay', {
        reason: (error as Error).message,
      });
    }
  }
}

/** Milliseconds between looks: the shortest of what WSO2 sets for its several readers; 0 does not look without a notice. */
function intervalOf(settings: Settings): number {
  const intervals = [
    settings.get('apim.certificate_reloader.period') * 1000,
    settings.get('transport.http.listener.ssl_profile.read_interval'),
    settings.get('transport.http.sender.ssl_profile.read_interval'),
  ].filter((interval) => interval > 0);
  return intervals.length > 0 ? Math.max(1000, Math.min(...intervals)) : 0;
}
