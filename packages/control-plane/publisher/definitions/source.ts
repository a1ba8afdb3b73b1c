import { errors, SluiceError } from '@sluice/model';
import { fetchDocument, isPublicAddress } from '../../fetch/index.ts';
import type { RestRequest } from '../../rest/handler.ts';
import type { PublisherSettings } from '../dependencies.ts';

/** Names of the form fields that may hold the text of a definition. */
const inline = ['inlineAPIDefinition', 'apiDefinition', 'file'];

/**
 * The definition that a form brings: as a file, as a URL to fetch, or as text. Blank fields count as not given. Throws 400 unless it is exactly one,
 * and the errors of fetching.
 */
export async function readSource(request: RestRequest, settings: PublisherSettings): Promise<Uint8Array> {
  const given: (() => Promise<Uint8Array>)[] = [];
  const file = request.files.file;
  if (file) given.push(async () => file.bytes);
  for (const text of inline.map((name) => request.fields[name])) {
    if (text !== undefined && text.trim() !== '') given.push(async () => Buffer.from(text));
  }
  const url = request.fields.url?.trim();
  if (url) {
    given.push(async () => {
      const permits = settings.allowPrivateImport ? () => true : isPublicAddress;
      const limits = { bytes: settings.definitionBytes, deadline: settings.importDeadline };
      const { importProxy } = settings;
      return (await fetchDocument(url, { permits, limits, ...(importProxy ? { proxy: importProxy } : {}) })).bytes;
    });
  }
  const only = given.length === 1 ? given[0] : undefined;
  if (!only) throw new SluiceError(errors.openapiMissing);
  const bytes = await only();
  if (isArchive(bytes)) {
    throw new SluiceError(errors.openapiUnreadable, { detail: 'it is a zip archive; give the definition as one file' });
  }
  return bytes;
}

/** A zip archive begins with one of these, also an empty one. */
function isArchive(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}
