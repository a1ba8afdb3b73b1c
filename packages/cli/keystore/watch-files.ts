import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds after a notice until the files are looked at: what is being written is finished by then, and of two files mostly both are. */
const settle = 500;

/** Differs when the file does, wherever a link leads. */
export function fileSignature(path: string): string {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  return facts ? `${facts.ino}:${facts.size}:${facts.mtimeNs}` : 'none';
}

/**
 * Calls `changed`, again and again, when one of the files is not what it was any more: soon after the system gives notice, and at the latest after
 * `interval` milliseconds (0 waits for notices alone). `seen` are signatures by path; what has changed since they were taken counts. Returns the way to stop.
 */
export function watchFiles(seen: ReadonlyMap<string, string>, interval: number, changed: () => void): () => void {
  const last = new Map(seen);
  let due: NodeJS.Timeout | undefined;
  const look = (): void => {
    due = undefined;
    let differs = false;
    for (const [path, before] of last) {
      const now = fileSignature(path);
      differs ||= now !== before;
      last.set(path, now);
    }
    if (differs) changed();
  };
  const notice = (): void => {
    due ??= setTimeout(look, settle).unref();
  };
  const watchers: FSWatcher[] = [];
  // A file that is replaced by another of its name is noticed in its folder alone.
  for (const folder of new Set([...seen.keys()].map((path) => dirname(path)))) {
    try {
      const watcher = watch(folder, { persistent: false }, notice);
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      // The looks at intervals remain.
    }
  }
  // What changed before the first notice could come.
  notice();
  const timer = interval > 0 ? setInterval(look, interval).unref() : undefined;
  return () => {
    clearInterval(timer);
    clearTimeout(due);
    for (const watcher of watchers) watcher.close();
  };
}
