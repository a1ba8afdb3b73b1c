import { errors, type Json, type JsonObject, SluiceError, type Subscription } from '@sluice/model';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { ownApplication } from '../applications/find.ts';
import type { DevportalDependencies } from '../settings.ts';
import { changePlan, ownSubscription, unsubscribe } from './change.ts';
import { subscribe } from './subscribe.ts';
import { subscriptionViews } from './view.ts';

/** More subscriptions at once than this are refused. */
const mostAtOnce = 100;

/** `/subscriptions`. */
export function subscriptionHandlers({ store, plans }: DevportalDependencies): RestHandlers {
  const view = async (request: RestRequest, subscription: Subscription): Promise<JsonObject> => {
    const [only] = await subscriptionViews(store.organization(request.organization), [subscription]);
    return only as JsonObject;
  };

  return {
    listSubscriptions: async (request) => {
      const organization = store.organization(request.organization);
      const page = pageOf(request);
      const { apiId, applicationId, groupId } = request.query;
      const query = await selection(request);
      const found = await organization.subscriptions.list(query, page);
      const list = await subscriptionViews(organization, found.items);
      return {
        status: 200,
        body: listView('/subscriptions', page, found.total, list, { apiId, applicationId, groupId }),
      };
    },

    createSubscription: async (request) => {
      const subscription = await store.transaction((tx) =>
        subscribe(tx.organization(request.organization), plans, request, request.body as Json),
      );
      const location = `${request.baseUrl}/api/am/devportal/v3/subscriptions/${subscription.id}`;
      return { status: 201, headers: { location }, body: await view(request, subscription) };
    },

    createSubscriptions: async (request) => {
      const bodies = request.body as Json[];
      if (bodies.length > mostAtOnce) {
        throw new SluiceError(errors.invalidRequest, {
          detail: `At most ${mostAtOnce} subscriptions are taken at once.`,
        });
      }
      const subscriptions = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const made: Subscription[] = [];
        for (const body of bodies) made.push(await subscribe(organization, plans, request, body));
        return made;
      });
      return { status: 200, body: await subscriptionViews(store.organization(request.organization), subscriptions) };
    },

    getSubscription: async (request) => {
      const subscription = await ownSubscription(store.organization(request.organization), request);
      return { status: 200, body: await view(request, subscription) };
    },

    updateSubscription: async (request) => {
      const subscription = await store.transaction((tx) =>
        changePlan(tx.organization(request.organization), plans, request),
      );
      return { status: 200, body: await view(request, subscription) };
    },

    deleteSubscription: async (request) => {
      await store.transaction((tx) => unsubscribe(tx.organization(request.organization), request));
      return { status: 200 };
    },
  };

  /** What to list: an application's, which must be the caller's, or the caller's own to an API. */
  async function selection(
    request: RestRequest,
  ): Promise<{ apiId?: string; applicationId?: string; subscriber?: string }> {
    const { apiId, applicationId } = request.query;
    const api = typeof apiId === 'string' && apiId !== '' ? { apiId } : {};
    if (typeof applicationId === 'string' && applicationId !== '') {
      await ownApplication(store.organization(request.organization), request, applicationId);
      return { ...api, applicationId };
    }
    if (!('apiId' in api)) throw new SluiceError(errors.parameterMissing, { name: 'apiId or applicationId' });
    return { ...api, subscriber: request.principal.user };
  }
}
