import {
  type Api,
  availableTransitions,
  type JsonObject,
  lifecycleChecklist,
  lifecycleTitle,
  parseChecklist,
} from '@sluice/model';
import type { RestHandlers } from '../../rest/handler.ts';
import { findApi, parameter } from '../apis/find.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { changeLifecycle } from './change.ts';

/** State, history and changes of state. */
export function lifecycleHandlers({ store }: PublisherDependencies): RestHandlers {
  return {
    getAPILifecycleState: async (request) => {
      const organization = store.organization(request.organization);
      return { status: 200, body: stateView(await findApi(organization, request, parameter(request, 'apiId'))) };
    },

    getAPILifecycleHistory: async (request) => {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      const list = (await organization.apis.history(api.id)).map((event) => ({
        previousState: event.previous,
        postState: event.next,
        user: event.user,
        updatedTime: new Date(event.time).toISOString(),
      }));
      return { status: 200, body: { count: list.length, list } };
    },

    changeAPILifecycle: async (request) => {
      const changed = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const api = await findApi(organization, request, parameter(request, 'apiId'));
        return changeLifecycle(organization, api, {
          event: parameter(request, 'action'),
          checklist: parseChecklist(parameter(request, 'lifecycleChecklist')),
          user: request.principal.user,
          time: Date.now(),
        });
      });
      return { status: 200, body: { workflowStatus: 'APPROVED', lifecycleState: stateView(changed) } };
    },

    // Changes of state are carried out at once, so none can wait; withdrawing nothing succeeds, as in WSO2.
    deleteAPILifecycleStatePendingTasks: async (request) => {
      await findApi(store.organization(request.organization), request, parameter(request, 'apiId'));
      return { status: 200 };
    },
  };
}

function stateView(api: Api): JsonObject {
  return {
    state: lifecycleTitle(api.status),
    checkItems: lifecycleChecklist(api.status).map((name) => ({ name, value: false, requiredStates: [] })),
    availableTransitions: availableTransitions(api.status).map(({ event, target }) => ({
      event,
      targetState: lifecycleTitle(target),
    })),
  };
}
