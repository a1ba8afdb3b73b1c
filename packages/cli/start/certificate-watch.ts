import { randomBytes } from 'node:crypto';
import type { Settings } from '@sluice/config';
import type { GatewayTls } from '@sluice/gateway';
import type { Log } from '@sluice/model';
import type { Home } from '../home/home.ts';
import { TlsFiles } from '../keystore/tls-files.ts';
import { watchFiles } from '../keystore/watch-files.ts';
import { gatewayTls } from './tls.ts';

/** Milliseconds after which what a stolen key would open is only the past day's. */
const ticketKeyLife = 24 * 3600 * 1000;

/** The certificates of a data plane: read when it starts and when it is told to, and again when their files change. */
export class CertificateWatch {
  readonly #home: Home;
  readonly #log: Log;
  /** Seal what shortens a next handshake; the same in all processes, and through changes of certificates. */
  #ticketKeys = randomBytes(48);
  #apply: (tls: GatewayTls) => void = () => {};
  #stop: () => void = () => {};
  #settings: Settings | undefined;
  #seen: ReadonlyMap<string, string> = new Map();
  #renewal: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(home: Home, log: Log) {
    this.#home = home;
    this.#log = log;
  }

  /** Reads the certificates that the settings name, and from now on looks after their files. Rejects with `UsageError`. */
  async read(settings: Settings): Promise<GatewayTls> {
    const files = new TlsFiles();
    try {
      const tls = await gatewayTls(settings, this.#home, this.#ticketKeys, files);
      this.#follow(settings, files.seen);
      return tls;
    } catch (error) {
      // What is missing or broken may be put right in its file alone; what was in force is looked after too.
      this.#follow(this.#settings ?? settings, new Map([...this.#seen, ...files.seen]));
      throw error;
    }
  }

  /** Says who takes certificates over that were read anew because their files changed. */
  start(apply: (tls: GatewayTls) => void): void {
    this.#apply = apply;
    this.#renewal = setInterval(() => {
      this.#ticketKeys = randomBytes(48);
      void this.#readAnew('the keys of TLS tickets were renewed');
    }, ticketKeyLife).unref();
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
    try {
      const tls = await this.read(this.#settings);
      if (this.#closed) return;
      this.#apply(tls);
      this.#log.info(done);
    } catch (error) {
      this.#log.error('certificates have changed and cannot be used; those in force stay', {
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
