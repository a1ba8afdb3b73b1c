import { randomBytes } from 'node:crypto';
import type { Settings } from '@sluice/config';
import type { GatewayTls } from '@sluice/gateway';
import type { Log } from '@sluice/model';
import type { Home } from '../home/home.ts';
import { TlsFiles } from '../keystore/tls-files.ts';
import { watchFiles } from '../keystore/watch-files.ts';
import { gatewayTls } from './tls.ts';

/** The certificates of a data plane: read when it starts and when it is told to, and again when their files change. */
export class CertificateWatch {
  readonly #home: Home;
  readonly #log: Log;
  /** Seal what shortens a next handshake; the same in all processes, and through every change of certificates. */
  readonly #ticketKeys = randomBytes(48);
  #apply: (tls: GatewayTls) => void = () => {};
  #stop: () => void = () => {};
  #paths: ReadonlySet<string> = new Set();
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
      this.#follow(settings, files.paths);
      return tls;
    } catch (error) {
      // What is missing or broken may be put right in its file alone; what was in force is looked after too.
      this.#follow(settings, new Set([...this.#paths, ...files.paths]));
      throw error;
    }
  }

  /** Says who takes certificates over that were read anew because their files changed. */
  start(apply: (tls: GatewayTls) => void): void {
    this.#apply = apply;
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #follow(settings: Settings, paths: ReadonlySet<string>): void {
    this.#stop();
    this.#paths = paths;
    if (this.#closed) return;
    this.#stop = watchFiles(paths, intervalOf(settings), () => void this.#changed(settings));
  }

  async #changed(settings: Settings): Promise<void> {
    try {
      const tls = await this.read(settings);
      if (this.#closed) return;
      this.#apply(tls);
      this.#log.info('certificates have changed and were taken over');
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
