import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';
import { type Profile, type ProfileStore, readProfiles } from '../keystore/profiles.ts';
import type { IdentityFile } from '../keystore/store-file.ts';
import { inSecurity } from '../keystore/stores.ts';
import type { TlsFiles } from '../keystore/tls-files.ts';

/** Profiles of the file that a setting names, from the home; none where it names none. Throws `UsageError`. */
export function profilesIn(name: string | undefined, setting: string, home: Home, files: TlsFiles): Profile[] {
  if (name === undefined) return [];
  const path = resolve(home.path, name);
  files.note(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${setting}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}): correct the path, which is taken from the home, or leave the setting out`,
    );
  }
  return readProfiles(text, path, process.env);
}

/** The file that a store of a profile is in. The type is taken from the file itself, unless it is said to be PEM or PKCS#12. */
export function storeOf(place: string, element: string, store: ProfileStore, home: Home): IdentityFile {
  const type = store.type?.toUpperCase();
  return {
    setting: `${place}: ${element}`,
    path: inSecurity(home, store.location),
    type: type === 'PEM' || type === 'PKCS12' ? type : undefined,
    password: store.password,
    keyPassword: store.keyPassword,
    alias: store.alias,
  };
}
