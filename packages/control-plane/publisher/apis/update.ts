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
import { takeDefault } from './default-version.ts';
import { readDraft } from './draft.ts';
import { graphqlPart } from './graphql-part.ts';
import { permittedBody } from './permitted.ts';
import { withKeptSecrets } from './secrets.ts';

/** The working copy as a validated body changes it; identity, owner, type, state and image stay. */
export function changedApi(request: RestRequest, present: Api): Api {
  const body = permittedBody(request, present, request.body as JsonObject);
  const draft = readDraft({ ...body, type: present.type });
  const { id, organization, name, version, context, provider, type, status, hasThumbnail, createdTime } = present;
  return {
    ...draft,
    ...{ id, organization, name, version, context, provider, type, status, hasThumbnail, createdTime },
    more: { ...draft.more, ...graphqlPart(present) },
    endpointConfig: draft.endpointConfig && withKeptSecrets(draft.endpointConfig, present.endpointConfig),
    updatedTime: Date.now(),
    updatedBy: request.principal.user,
  };
}

/**
 * Stores a changed working copy, its definition following the operations; deployed revisions are not touched. Gateways are told when the default version
 * changed. Call it in a transaction.
 */
export async function replaceApi(organization: OrganizationStore, present: Api, changed: Api): Promise<void> {
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
