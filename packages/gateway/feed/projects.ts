import { EventEmitter, on } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type FeedEvent,
  FeedGapError,
  type FeedSnapshot,
  type FeedSource,
  type Log,
  type RuntimeEntry,
  seededPlans,
  superOrganization,
} from '@sluice/model';
import { readFolder } from './projects/files.ts';
import type { ProjectIssuer } from './projects/issuers.ts';
import { type FoundProject, findProjects } from './projects/scan.ts';

export type { ProjectIssuer } from './projects/issuers.ts';

export interface ProjectSourceOptions {
  /** Folder of API projects, or one project. */
  readonly folder: string;
  /** Name of the gateway environment; projects deployed to others only are left out. */
  readonly environment: string;
  /** Issuers whose tokens are taken. Without any, only operations with auth type None can be called. */
  readonly issuers?: readonly ProjectIssuer[];
  readonly log: Log;
  /** Milliseconds between looks at the folder beside its change notices, which some file systems never send. Default 2000. */
  readonly interval?: number;
}

/** Milliseconds that changes settle: editors and copies write a file in several steps. */
const settle = 100;
/** A large folder is looked at less often: the pause is this many times the last look. */
const leisure = 20;
/** Events that are kept for a reader that comes back. */
const mostEvents = 10_000;

/** WSO2's own plans, which APIs name without bringing them along. */
const seeds: readonly (readonly [place: string, entry: RuntimeEntry])[] = seededPlans.map((plan) => {
  const id = `${plan.kind}/${plan.name}`;
  return [`plan ${id}`, { kind: 'plan', id, value: { ...plan, id, organization: superOrganization } }];
});

/** What was read of one project. A broken one keeps what it had. */
interface KnownProject {
  readonly signature: string;
  readonly entry: RuntimeEntry | null;
}

/**
 * A feed over a folder of API projects in apictl's layout, without a database. It has APIs, issuers, WSO2's own plans, the policies and shared endpoints that
 * lie in the folder, and neither applications nor subscriptions.
 */
export function projectSource(options: ProjectSourceOptions): FeedSource {
  return new ProjectSource(options);
}

class ProjectSource implements FeedSource {
  readonly #options: ProjectSourceOptions;
  readonly #projects = new Map<string, KnownProject>();
  readonly #issuers = new Map<string, RuntimeEntry>();
  /** What is served now, by kind and id. */
  #served = new Map<string, RuntimeEntry>();
  #events: FeedEvent[] = [];
  #sequence = 0;
  #scanning: Promise<void> = Promise.resolve();
  #lastDuration = 0;
  /** What is wrong now, said once: the reason by what it is about. */
  #complaints = new Map<string, string>();
  readonly #changed = new EventEmitter().setMaxListeners(0);

  constructor(options: ProjectSourceOptions) {
    this.#options = options;
  }

  async snapshot(): Promise<FeedSnapshot> {
    await this.#scan();
    const { environment } = this.#options;
    return { format: 1, environment, sequence: this.#sequence, entries: [...this.#served.values()] };
  }

  async *events(sequence: number, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    if (sequence > this.#sequence || sequence < (this.#events[0]?.sequence ?? sequence + 1) - 1) {
      throw new FeedGapError('The folder is read anew');
    }
    const stop = this.#watch();
    // Listened for from here on, so that no change falls between the look at the list and the wait.
    const changes = on(this.#changed, 'change', { signal });
    try {
      let after = sequence;
      const take = () => this.#events.filter((event) => event.sequence > after);
      for (let next = take(); ; next = take()) {
        for (const event of next) {
          yield event;
          after = event.sequence;
        }
        await changes.next();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await changes.return?.();
      stop();
    }
  }

  /** Looks at the folder after every notice of a change, and now and then without one. */
  #watch(): () => void {
    const { folder, issuers = [], log, interval = 2000 } = this.#options;
    let due: NodeJS.Timeout | null = null;
    const scan = () => {
      due = null;
      this.#scan().catch((error: unknown) => {
        log.warn('The folder of API projects cannot be read; the last picture stays', {
          reason: (error as Error).message,
        });
      });
    };
    const notice = () => {
      due ??= setTimeout(scan, settle);
    };
    const watchers: FSWatcher[] = [];
    for (const place of new Set([folder, ...issuers.map(({ jwksFile }) => dirname(jwksFile))])) {
      try {
        const watcher = watch(place, { recursive: place === folder }, notice);
        watcher.on('error', () => watcher.close());
        watchers.push(watcher);
      } catch {
        // The looks at intervals remain.
      }
    }
    // What changed between the last look and the first notice.
    notice();
    let timer: NodeJS.Timeout;
    const look = () => {
      scan();
      timer = setTimeout(look, Math.max(interval, this.#lastDuration * leisure));
    };
    timer = setTimeout(look, interval);
    return () => {
      clearTimeout(timer);
      if (due !== null) clearTimeout(due);
      for (const watcher of watchers) watcher.close();
    };
  }

  /** One look at a time. */
  #scan(): Promise<void> {
    const scan = this.#scanning.catch(() => {}).then(() => this.#scanNow());
    this.#scanning = scan;
    return scan;
  }

  async #scanNow(): Promise<void> {
    const began = performance.now();
    const found = await findProjects(this.#options.folder);
    const present = new Set(found.map(({ path }) => path));
    for (const path of this.#projects.keys()) if (!present.has(path)) this.#projects.delete(path);
    for (const project of found) {
      const known = this.#projects.get(project.path);
      if (known?.signature === project.signature) continue;
      this.#projects.set(project.path, { signature: project.signature, entry: await this.#read(project, known) });
    }
    for (const issuer of this.#options.issuers ?? []) await this.#readIssuer(issuer);
    this.#serve();
    this.#lastDuration = performance.now() - began;
  }

  async #read(project: FoundProject, known: KnownProject | undefined): Promise<RuntimeEntry | null> {
    const { environment, log } = this.#options;
    try {
      if (project.kind === 'file') return await (await import('./projects/beside.ts')).readBeside(project.path);
      // Loaded here, so that a gateway without a folder does without the readers of YAML and zip.
      const [{ readArchive }, { readProject }] = await Promise.all([
        import('./projects/archive.ts'),
        import('./projects/project.ts'),
      ]);
      const files = await (project.kind === 'archive' ? readArchive(project.path) : readFolder(project.path));
      const { api, warnings } = readProject(files, environment);
      for (const warning of warnings)
        log.warn('An API project may not mean what it says', { project: project.path, warning });
      return api === null ? null : { kind: 'api', id: api.id, value: api };
    } catch (error) {
      const what = project.kind === 'file' ? 'A policy or shared endpoint' : 'An API project';
      const effect = known?.entry != null ? '; its last good form stays' : ' and is not served';
      log.error(`${what} is broken${effect}`, { project: project.path, reason: (error as Error).message });
      return known?.entry ?? null;
    }
  }

  async #readIssuer(issuer: ProjectIssuer): Promise<void> {
    try {
      const { readIssuer } = await import('./projects/issuers.ts');
      const entry = await readIssuer(issuer);
      const known = this.#issuers.get(entry.id);
      if (!isDeepStrictEqual(known, entry)) this.#issuers.set(entry.id, entry);
      this.#complaints.delete(issuer.jwksFile);
    } catch (error) {
      this.#complain(issuer.jwksFile, 'The keys of an issuer cannot be read', (error as Error).message);
    }
  }

  #complain(about: string, message: string, reason: string): void {
    if (this.#complaints.get(about) === reason) return;
    this.#complaints.set(about, reason);
    this.#options.log.error(message, { reason });
  }

  /** Turns what is known into what is served, one event for each difference. */
  #serve(): void {
    const next = new Map<string, RuntimeEntry>();
    for (const entry of this.#issuers.values()) next.set(`${entry.kind} ${entry.id}`, entry);
    for (const [path, { entry }] of this.#projects) {
      if (entry === null) continue;
      const place = `${entry.kind} ${entry.id}`;
      if (next.has(place)) {
        const same = entry.kind === 'endpoint' ? 'shared endpoint' : 'policy';
        const what = entry.kind === 'api' ? 'projects hold the same API and version' : `files hold the same ${same}`;
        this.#complain(path, `Two ${what}; the first by name is served`, path);
      } else next.set(place, entry);
    }
    // A policy in the folder takes the place of WSO2's own.
    for (const [place, entry] of seeds) if (!next.has(place)) next.set(place, entry);
    for (const [place, entry] of next) {
      if (!isDeepStrictEqual(this.#served.get(place), entry)) this.#append({ ...entry } as Change);
    }
    for (const [place, { kind, id }] of this.#served)
      if (!next.has(place)) this.#append({ kind, id, value: null } as Change);
    this.#served = next;
    this.#changed.emit('change');
  }

  #append(change: Change): void {
    this.#events.push({ ...change, environment: null, sequence: ++this.#sequence } as FeedEvent);
    if (this.#events.length > mostEvents) this.#events = this.#events.slice(-mostEvents / 2);
  }
}

type Change = Pick<FeedEvent, 'kind' | 'id' | 'value'>;
