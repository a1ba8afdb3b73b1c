import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds after a notice until the files are looked at: what is being written is finished by then, and of two files mostly both are. */
const settle = 500;

/**
 * Calls `changed` when one of the files has changed, come or gone: soon after the system gives notice, and at the latest after `interval` milliseconds
 * (0 waits for notices alone). Returns the way to stop.
 */
export function watchFiles(files: Iterable<string>, interval: number, changed: () => void): () => void {
  const paths = [...files];
  let seen = signature(paths);
  let due: NodeJS.Timeout | undefined;
  const look = (): void => {
    due = undefined;
    const now = signature(paths);
    if (now === seen) return;
    seen = now;
    changed();
  };
  const notice = (): void => {
    due ??= setTimeout(look, settle).unref();
  };
  const watchers: FSWatcher[] = [];
  // A file that is replaced by another of its name is noticed in its folder alone.
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    try {
      const watcher = watch(folder, { persistent: false }, notice);
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      // The looks at intervals remain.
    }
  }
  const timer = interval > 0 ? setInterval(look, interval).unref() : undefined;
  return () => {
    clearInterval(timer);
    clearTimeout(due);
    for (const watcher of watchers) watcher.close();
  };
}

/** Differs when a file does, wherever a link leads. */
function signature(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
      return facts ? `${facts.ino}:${facts.size}:${facts.mtimeNs}` : 'none';
    })
    .join(' ');
}
