import { type IdentityFile, readIdentity, readRevoked, readTrusted, type StoreFile } from './store-file.ts';

/** Reads keystores and truststores, and remembers which files they are. Every file is remembered before it is read, so that a broken one can be mended. */
export class TlsFiles {
  readonly paths = new Set<string>();

  readonly identity = (file: IdentityFile) => {
    this.paths.add(file.path);
    if (file.keyPath !== undefined) this.paths.add(file.keyPath);
    return readIdentity(file);
  };

  readonly trusted = (file: StoreFile) => {
    this.paths.add(file.path);
    return readTrusted(file);
  };

  readonly revoked = (file: StoreFile) => {
    this.paths.add(file.path);
    return readRevoked(file);
  };
}
