import { randomUUID } from 'node:crypto';
import { type Application, errors, SluiceError } from '@sluice/model';
import { ConflictError } from '@sluice/store';
import { announce, applicationEntry } from '../../feed/announce.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { keyViews } from '../keys/view.ts';
import type { DevportalDependencies } from '../settings.ts';
import { readApplication } from './draft.ts';
import { ownApplication } from './find.ts';
import { removeApplication } from './remove.ts';
import { applicationInfo, applicationView } from './view.ts';

const sortFields = ['name', 'throttlingPolicy', 'status'] as const;

/** `/applications` and `/applications/{applicationId}`. */
export function applicationHandlers(deps: DevportalDependencies): RestHandlers {
  const { store, keyManager } = deps;

  const view = async (application: Application) => {
    const organization = store.organization(application.organization);
    return applicationView(organization, application, await keyViews(organization, keyManager, application));
  };

  return {
    listApplications: async (request) => {
      const organization = store.organization(request.organization);
      const page = pageOf(request);
      const name = text(request, 'query');
      const sortBy = sortFields.find((field) => field === request.query.sortBy);
      const found = await organization.applications.list(
        {
          owner: request.principal.user,
          ...(name === '' ? {} : { name, nameMatch: 'contains' as const }),
          sortBy: sortBy ?? 'name',
          sortOrder: request.query.sortOrder === 'desc' ? 'desc' : 'asc',
        },
        page,
      );
      const list = await Promise.all(found.items.map((application) => applicationInfo(organization, application)));
      const { query, sortBy: by, sortOrder, groupId } = request.query;
      return {
        status: 200,
        body: listView('/applications', page, found.total, list, { query, sortBy: by, sortOrder, groupId }),
      };
    },

    createApplication: async (request) => {
      const now = Date.now();
      const application = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const created: Application = {
          id: randomUUID(),
          organization: request.organization,
          ...(await readApplication(organization, request.body, deps)),
          owner: request.principal.user,
          status: 'APPROVED',
          createdTime: now,
          updatedTime: now,
        };
        await named(created.name, () => organization.applications.create(created));
        await announce(organization.feed, applicationEntry(created));
        return created;
      });
      const location = `${request.baseUrl}/api/am/devportal/v3/applications/${application.id}`;
      return { status: 201, headers: { location }, body: await view(application) };
    },

    getApplication: async (request) => {
      const organization = store.organization(request.organization);
      return { status: 200, body: await view(await ownApplication(organization, request, id(request))) };
    },

    updateApplication: async (request) => {
      const application = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const known = await ownApplication(organization, request, id(request));
        const draft = await readApplication(organization, request.body, deps, known);
        const changed: Application = { ...known, ...draft, updatedTime: Date.now() };
        const kept = await named(changed.name, () => organization.applications.update(changed));
        if (!kept) throw new SluiceError(errors.applicationNotFound, { id: known.id });
        await announce(organization.feed, applicationEntry(changed));
        return changed;
      });
      return { status: 200, body: await view(application) };
    },

    deleteApplication: async (request) => {
      const organization = store.organization(request.organization);
      const application = await ownApplication(organization, request, id(request));
      await removeApplication(deps, application);
      return { status: 200 };
    },
  };
}

function id(request: RestRequest): string {
  return request.path.applicationId ?? '';
}

function text(request: RestRequest, name: string): string {
  const value = request.query[name];
  return typeof value === 'string' ? value.trim() : '';
}

async function named<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ConflictError) throw new SluiceError(errors.applicationExists, { name }, { cause: error });
    throw error;
  }
}
