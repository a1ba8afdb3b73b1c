import { type Application, errors, type JsonObject, SluiceError } from '@sluice/model';
import { type RemovalDependencies, removeApplication } from '../devportal/applications/remove.ts';
import { applicationView } from '../devportal/applications/view.ts';
import type { RestHandlers, RestRequest } from '../rest/handler.ts';
import { listView, pageOf } from '../rest/list.ts';

/** `/applications`: everybody's, for administrators. apictl lists and deletes applications here. */
export function applicationHandlers(deps: RemovalDependencies): RestHandlers {
  const { store } = deps;
  const find = async (request: RestRequest): Promise<Application> => {
    const id = request.path.applicationId ?? '';
    const application = await store.organization(request.organization).applications.get(id);
    if (!application) throw new SluiceError(errors.applicationNotFound, { id });
    return application;
  };

  return {
    listApplications: async (request) => {
      const page = pageOf(request);
      const { user, name, sortBy, sortOrder } = request.query;
      const found = await store.organization(request.organization).applications.list(
        {
          ...(typeof user === 'string' && user !== '' ? { owner: user } : {}),
          ...(typeof name === 'string' && name !== '' ? { name, nameMatch: 'contains' as const } : {}),
          sortBy: sortBy === 'owner' ? 'owner' : 'name',
          sortOrder: sortOrder === 'desc' ? 'desc' : 'asc',
        },
        page,
      );
      const list = found.items.map(applicationInfo);
      return {
        status: 200,
        body: listView('/applications', page, found.total, list, { user, name, sortBy, sortOrder }),
      };
    },

    getApplication: async (request) => {
      const application = await find(request);
      const view = await applicationView(store.organization(request.organization), application, []);
      for (const member of ['keys', 'hashEnabled', 'visibility', 'createdTime', 'updatedTime']) delete view[member];
      return { status: 200, body: view };
    },

    deleteApplication: async (request) => {
      await removeApplication(deps, await find(request));
      return { status: 200 };
    },
  };
}

/** WSO2's `ApplicationInfo` of the admin API. */
function applicationInfo(application: Application): JsonObject {
  return {
    applicationId: application.id,
    name: application.name,
    owner: application.owner,
    tokenType: application.tokenType,
    createdTime: String(application.createdTime),
    status: application.status,
    groupId: application.groups.join(','),
  };
}
