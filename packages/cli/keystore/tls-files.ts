import { type IdentityFile, readIdentity, readRevoked, readTrusted, type StoreFile } from './store-file.ts';
import { fileSignature } from './watch-files.ts';

/** Reads the files that TLS is made of, and remembers which they are: each as it was before it was read, whether or not it could be. */
export class TlsFiles {
  /** Signatures by path. */
  readonly seen = new Map<string, string>();
  /** What is passed over, for the log. */
  readonly warnings: string[] = [];

  /** Remembers a file that is about to be read. */
  note(path: string): void {
    this.seen.set(path, fileSignature(path));
  }

  identity(file: IdentityFile) {
    this.note(file.path);
    if (file.keyPath !== undefined) this.note(file.keyPath);
    return readIdentity(file);
  }

  trusted(file: StoreFile): string[] {
    this.note(file.path);
    return readTrusted(file);
  }

  revoked(file: StoreFile): string[] {
    this.note(file.path);
    return readRevoked(file);
  }
}
