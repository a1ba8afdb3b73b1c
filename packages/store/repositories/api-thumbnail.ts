import { MissingReferenceError } from '../errors.ts';
import type { ApiRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { touched } from './outcome.ts';

export function apiThumbnail(session: TenantSession): Pick<ApiRepository, 'thumbnail' | 'setThumbnail'> {
  return {
    thumbnail: async (id) => {
      const row = await session.read((tables) =>
        tables.select('api_thumbnail').select(['media_type', 'bytes']).where('api_id', '=', id).executeTakeFirst(),
      );
      return row && { mediaType: row.media_type, bytes: row.bytes };
    },

    setThumbnail: (id, thumbnail) =>
      session.atomic(async (within) => {
        const flag = { has_thumbnail: thumbnail === null ? 0 : 1 };
        const result = await within.write((tables) => tables.update('api', flag).where('id', '=', id).execute());
        if (!touched(result)) throw new MissingReferenceError();
        await within.write((tables) => tables.delete('api_thumbnail').where('api_id', '=', id).execute());
        if (thumbnail === null) return;
        const row = { api_id: id, media_type: thumbnail.mediaType, bytes: thumbnail.bytes };
        await within.write((tables) => tables.insert('api_thumbnail', row).execute());
      }),
  };
}
