import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { filesOf, isProjectFile, largestFile, type ProjectFiles } from './files.ts';
import { ProjectError } from './project-error.ts';

/** Bounds on archives, which anybody may have made. */
const mostEntries = 10_000;
/** Uncompressed bytes of all files that are read. */
const mostBytes = 3 * largestFile;
/** Uncompressed to compressed size; text seldom reaches 20. Small files are let be. */
const mostRatio = 200;
const smallFile = 64 * 1024;

/** File type bits of the UNIX mode in an entry's attributes, and the value for links. */
const typeMask = 0o170000;
const linkType = 0o120000;

/**
 * Reads a project archive: one folder at the top, as exports have, or the files at the top themselves. Nothing is unpacked to
 * disk. Throws `ProjectError` for archives beyond the bounds, names that lead out, and links.
 */
export async function readArchive(file: string): Promise<ProjectFiles> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(file, {
      lazyEntries: true,
      autoClose: false,
      strictFileNames: true,
      validateEntrySizes: true,
    });
    if (zip.entryCount > mostEntries)
      throw new ProjectError(file, undefined, `it has more than ${mostEntries} entries`);
    const texts = new Map<string, string>();
    let bytes = 0;
    let top: string | undefined;
    for await (const entry of zip.eachEntry()) {
      checkEntry(file, entry);
      const slash = entry.fileName.indexOf('/');
      const folder = slash === -1 ? '' : entry.fileName.slice(0, slash);
      const name = nameIn(entry.fileName, folder);
      if (name === undefined || texts.has(name)) continue;
      // The first folder is the project, as for apictl; `Definitions` may only be one of its own.
      const project = name === entry.fileName ? '' : folder;
      top ??= project;
      if (project !== top) continue;
      bytes += entry.uncompressedSize;
      if (bytes > mostBytes)
        throw new ProjectError(file, undefined, `its files are larger than ${mostBytes} bytes together`);
      texts.set(name, await textOf(zip, entry, file));
    }
    return filesOf(file, '!', texts);
  } catch (error) {
    if (error instanceof ProjectError) throw error;
    throw new ProjectError(file, undefined, `it cannot be read: ${(error as Error).message}`, { cause: error });
  } finally {
    zip?.close();
  }
}

function nameIn(path: string, folder: string): string | undefined {
  if (isProjectFile(path)) return path;
  const below = path.slice(folder.length + 1);
  return folder !== '' && isProjectFile(below) ? below : undefined;
}

function checkEntry(file: string, entry: Entry): void {
  const place = `${file}!${entry.fileName}`;
  if (((entry.externalFileAttributes >>> 16) & typeMask) === linkType) {
    throw new ProjectError(place, undefined, 'links are not allowed in archives');
  }
  if (entry.uncompressedSize <= smallFile) return;
  if (entry.uncompressedSize > entry.compressedSize * mostRatio) {
    throw new ProjectError(place, undefined, `it is compressed more than ${mostRatio} to 1`);
  }
}

/** yauzl ends the stream with an error when more comes out than the entry declares. */
async function textOf(zip: ZipFile, entry: Entry, file: string): Promise<string> {
  const place = `${file}!${entry.fileName}`;
  if (entry.isEncrypted()) throw new ProjectError(place, undefined, 'it is encrypted');
  if (entry.uncompressedSize > largestFile) {
    throw new ProjectError(place, undefined, `it is larger than ${largestFile} bytes`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
