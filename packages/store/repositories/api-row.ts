import type { Api } from '@sluice/model';
import { decodeDocument, encodeDocument, fold } from '../codec.ts';
import type { Tables } from '../schema.ts';

type ApiRow = Tables['api'];
type LabelRow = Tables['api_label'];

/** The columns that follow the noun; the revision counter and the thumbnail's flag have lives of their own. */
export function apiColumns(api: Api): Omit<ApiRow, 'organization' | 'last_revision' | 'has_thumbnail'> {
  return {
    id: api.id,
    name_key: fold(api.name),
    version_key: fold(api.version),
    context_key: fold(api.context),
    provider_key: fold(api.provider),
    type_key: fold(api.type),
    status: api.status,
    visibility: api.visibility,
    access_control: api.accessControl,
    description_key: fold(api.description ?? ''),
    created_time: api.createdTime,
    updated_time: api.updatedTime,
    document: encodeDocument(api),
  };
}

export function decodeApi(row: Pick<ApiRow, 'document' | 'has_thumbnail'>): Api {
  return { ...decodeDocument<Api>(row.document), hasThumbnail: row.has_thumbnail === 1 };
}

/** The lists that searches look into, one row for each item. */
export function labelRows(api: Api): Omit<LabelRow, 'organization'>[] {
  const rows: Omit<LabelRow, 'organization'>[] = [];
  const add = (kind: LabelRow['kind'], value: string, name = ''): void => {
    const position = rows.length;
    rows.push({ api_id: api.id, position, kind, name_key: fold(name), value_key: fold(value) });
  };
  for (const tag of api.tags) add('tag', tag);
  for (const category of categories(api)) add('category', category);
  for (const property of api.additionalProperties) add('property', property.value, property.name);
  for (const role of api.accessControlRoles) add('publisher-role', role);
  for (const role of api.visibleRoles) add('devportal-role', role);
  return rows;
}

/** Categories are kept as WSO2 writes them, among the members that no room reads yet. */
function categories(api: Api): string[] {
  const value = api.more.categories;
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
