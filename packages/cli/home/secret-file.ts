import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';

/**
 * Reads a secret file, or makes it with `create` the first time. Two programs that start at once get the same secret:
 * the file appears whole under its name (link), and whoever comes second reads it. Mode 0600.
 */
export async function secretFile(
  path: string,
  create: () => Buffer | string | Promise<Buffer | string>,
): Promise<Buffer> {
  const present = read(path);
  if (present) return present;
  const secret = await create();
  const draft = `${path}.${randomUUID()}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, secret as Buffer);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(path);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
