import { randomUUID } from 'node:crypto';
import { type Api, errors, readDefinition, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { checkVersion } from './context.ts';
import { addApi } from './create.ts';

/** What a copy is to be. */
export interface CopyRequest {
  readonly version: string;
  readonly isDefaultVersion: boolean;
  readonly user: string;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** Copies the working copy with its definition and image to a new version, in the state CREATED. Throws 409 when the version exists. Call it in a transaction. */
export async function copyApi(organization: OrganizationStore, source: Api, request: CopyRequest): Promise<Api> {
  const { version } = request;
  checkVersion(version);
  const versions = await organization.apis.versions(source.name);
  if (versions.some((api) => api.version.toLowerCase() === version.toLowerCase())) {
    throw new SluiceError(errors.apiVersionExists, { name: source.name, version });
  }
  const copy: Api = {
    ...source,
    id: randomUUID(),
    version,
    status: 'CREATED',
    isDefaultVersion: request.isDefaultVersion,
    hasThumbnail: false,
    createdTime: request.time,
    updatedTime: request.time,
    updatedBy: request.user,
  };
  const document = readDefinition((await organization.apis.definition(source.id)) ?? '{}', Number.POSITIVE_INFINITY);
  const info = document.info !== null && typeof document.info === 'object' ? document.info : {};
  await addApi(organization, copy, { ...document, info: { ...info, version } }, source.id);
  const thumbnail = await organization.apis.thumbnail(source.id);
  if (!thumbnail) return copy;
  await organization.apis.setThumbnail(copy.id, thumbnail);
  return { ...copy, hasThumbnail: true };
}
