import { errors, SluiceError } from '@sluice/model';
import type { RestHandlers } from '../../rest/handler.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { findApi, parameter } from './find.ts';

/** Bytes of an image. */
const largestImage = 1024 * 1024;

/** An SVG is a document that can hold scripts: it may show itself and nothing else. */
const confined = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** The image of an API. */
export function thumbnailHandlers({ store }: PublisherDependencies): RestHandlers {
  return {
    getAPIThumbnail: async (request) => {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      const thumbnail = await organization.apis.thumbnail(api.id);
      if (!thumbnail) return { status: 204 };
      const headers = { 'content-type': thumbnail.mediaType, 'content-security-policy': confined };
      return { status: 200, headers, body: thumbnail.bytes };
    },

    updateAPIThumbnail: async (request) => {
      const bytes = request.files.file?.bytes;
      if (!bytes || bytes.length === 0) throw new SluiceError(errors.thumbnailEmpty);
      if (bytes.length > largestImage) throw new SluiceError(errors.thumbnailTooLarge, { limit: largestImage });
      const mediaType = imageType(bytes);
      if (!mediaType) throw new SluiceError(errors.thumbnailTypeInvalid);
      const id = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const api = await findApi(organization, request, parameter(request, 'apiId'));
        await organization.apis.setThumbnail(api.id, { mediaType, bytes });
        return api.id;
      });
      const relativePath = `/apis/${id}/thumbnail`;
      const location = `${request.baseUrl}/api/am/publisher/v4${relativePath}`;
      return { status: 200, headers: { location }, body: { relativePath, mediaType } };
    },
  };
}

/** How the kinds of image begin, in hexadecimal; what the client calls them does not count. */
const signatures: readonly (readonly [mediaType: string, beginning: RegExp])[] = [
  ['image/png', /^89504e470d0a1a0a/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^47494638(?:37|39)61/],
  ['image/webp', /^52494646.{8}57454250/],
];
const vector = /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>[]*>\s*)*<svg[\s>]/;

function imageType(bytes: Uint8Array): string | undefined {
  const beginning = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  const hex = beginning.toString('hex', 0, 16);
  const found = signatures.find(([, pattern]) => pattern.test(hex));
  return found?.[0] ?? (vector.test(beginning.toString('utf8')) ? 'image/svg+xml' : undefined);
}
