import { isDeepStrictEqual } from 'node:util';
import {
  type Api,
  applyOperations,
  definitionFor,
  errors,
  type JsonObject,
  readDefinition,
  SluiceError,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';
import { announceApi } from '../revisions/announce.ts';
import { checkDraft } from './check.ts';
import { takeDefault } from './default-version.ts';
import { readDraft } from './draft.ts';
import { permittedBody } from './permitted.ts';
import { withKeptSecrets } from './secrets.ts';

/**
 * Replaces the working copy by a validated body; identity, owner, type, state and image stay. Deployed revisions are not touched.
 * Call it in a transaction.
 */
export async function updateApi(organization: OrganizationStore, request: RestRequest, present: Api): Promise<Api> {
  const draft = readDraft(permittedBody(request, present, request.body as JsonObject));
  const {
    id,
    organization: owner,
    name,
    version,
    context,
    provider,
    type,
    status,
    hasThumbnail,
    createdTime,
  } = present;
  const changed: Api = {
    ...draft,
    ...{ id, organization: owner, name, version, context, provider, type, status, hasThumbnail, createdTime },
    endpointConfig: draft.endpointConfig && withKeptSecrets(draft.endpointConfig, present.endpointConfig),
    updatedTime: Date.now(),
    updatedBy: request.principal.user,
  };
  await checkDraft(changed, { organization, name, before: present });
  await replaceApi(organization, present, changed);
  return changed;
}

/** Stores a changed working copy, its definition following the operations, and tells the gateways when the default version changed. */
async function replaceApi(organization: OrganizationStore, present: Api, changed: Api): Promise<void> {
  if (!(await organization.apis.update(changed))) throw new SluiceError(errors.apiNotFound, { id: changed.id });
  const same =
    isDeepStrictEqual(present.operations, changed.operations) && isDeepStrictEqual(present.scopes, changed.scopes);
  if (!same) {
    const text = await organization.apis.definition(changed.id);
    const document = text
      ? applyOperations(readDefinition(text, Number.POSITIVE_INFINITY), changed)
      : definitionFor(changed);
    await organization.apis.setDefinition(changed.id, JSON.stringify(document));
  }
  if (changed.isDefaultVersion && !present.isDefaultVersion) await takeDefault(organization, changed);
  else if (changed.isDefaultVersion !== present.isDefaultVersion) await announceApi(organization, changed);
}
