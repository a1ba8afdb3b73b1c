import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Settings } from '@sluice/config';
import type { Home } from './home.ts';
import { secretFile } from './secret-file.ts';

/** Bytes of the key that seals the secrets of endpoints. */
const keyBytes = 32;

/** The key of this installation, made the first time. Rejects with a message that names the file when it holds no key. */
export async function ownEndpointKey(settings: Settings, home: Home): Promise<Buffer> {
  const file = fileOf(settings, home);
  return checked(await secretFile(file, () => randomBytes(keyBytes)), file);
}

/** The same for a gateway, which never makes one: undefined where it was not given the installation's. */
export function knownEndpointKey(settings: Settings, home: Home): Buffer | undefined {
  const file = fileOf(settings, home);
  try {
    return checked(readFileSync(file), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function fileOf(settings: Settings, home: Home): string {
  return resolve(home.path, settings.get('sluice.security.endpoint_key_file'));
}

function checked(key: Buffer, file: string): Buffer {
  if (key.length === keyBytes) return key;
  throw new Error(`${file} holds ${key.length} bytes, and a key for the secrets of endpoints has ${keyBytes}`);
}
