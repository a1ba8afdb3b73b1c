import { isUtf8 } from 'node:buffer';
import { errors, SluiceError } from '@sluice/model';
import { fetchDocument, isPublicAddress } from '../../fetch/index.ts';
import type { RestRequest } from '../../rest/handler.ts';
import type { PublisherSettings } from '../dependencies.ts';

/** Names of the form fields that may hold the text of a schema. */
const inline = ['schema', 'schemaDefinition', 'file'];
/** WSO2 takes files by their names alone. */
const fileName = /\.(?:graphql|txt|sdl)$/i;

/**
 * The schema that a form brings: as a file, as a URL to fetch, or as text. Blank fields count as not given. Throws 400 unless it is exactly one,
 * and where it cannot be fetched or is no text.
 */
export async function readSchemaSource({ files, fields }: RestRequest, settings: PublisherSettings): Promise<string> {
  const given: (() => Promise<Uint8Array>)[] = [];
  const { file } = files;
  if (file) {
    given.push(async () => {
      if (!fileName.test(file.filename)) throw new SluiceError(errors.graphqlFileUnsupported, { name: file.filename });
      return file.bytes;
    });
  }
  for (const text of inline.map((name) => fields[name])) {
    if (text !== undefined && text.trim() !== '') given.push(async () => Buffer.from(text));
  }
  const url = fields.url?.trim();
  if (url) given.push(() => fetched(url, settings));
  const only = given.length === 1 ? given[0] : undefined;
  if (!only) throw new SluiceError(errors.graphqlSchemaMissing);
  const bytes = await only();
  if (bytes.length > settings.definitionBytes) {
    throw new SluiceError(errors.definitionTooLarge, { limit: settings.definitionBytes });
  }
  if (!isUtf8(bytes)) throw new SluiceError(errors.graphqlSchemaInvalid, { detail: 'it is not UTF-8 text' });
  return Buffer.from(bytes).toString('utf8');
}

async function fetched(url: string, settings: PublisherSettings): Promise<Uint8Array> {
  const permits = settings.allowPrivateImport ? () => true : isPublicAddress;
  const limits = { bytes: settings.definitionBytes, deadline: settings.importDeadline };
  const { importProxy } = settings;
  try {
    return (await fetchDocument(url, { permits, limits, ...(importProxy ? { proxy: importProxy } : {}) })).bytes;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new SluiceError(errors.graphqlUrlFailed, { detail: error.description }, { cause: error });
  }
}
