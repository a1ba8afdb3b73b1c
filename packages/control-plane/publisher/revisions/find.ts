import { type Api, errors, type Revision, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';
import { parameter } from '../apis/find.ts';

/** The revision that a request names by `revisionId`, or by `revisionNumber`. Throws 400 without either and 404 when there is none. */
export async function findRevision(organization: OrganizationStore, request: RestRequest, api: Api): Promise<Revision> {
  const id = parameter(request, 'revisionId');
  const number = parameter(request, 'revisionNumber').replace(/^Revision\s*/i, '');
  if (id === '' && number === '') throw new SluiceError(errors.revisionIdMissing);
  const revision =
    id !== ''
      ? await organization.revisions.get(api.id, id)
      : /^\d{1,9}$/.test(number)
        ? await organization.revisions.byNumber(api.id, Number(number))
        : undefined;
  if (!revision) throw new SluiceError(errors.revisionNotFound, { id: id || number });
  return revision;
}
