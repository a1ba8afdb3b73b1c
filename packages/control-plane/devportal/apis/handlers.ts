import { type Api, errors, type JsonObject, type Plan, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { offeredPlans } from '../../plans/offered.ts';
import { planPermitted } from '../../plans/permitted.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { readSearchQuery } from '../../rest/search-query.ts';
import { planView } from '../plans/view.ts';
import type { DevportalDependencies } from '../settings.ts';
import { chosenPlaces, consumerDefinition } from './definition.ts';
import { endpointUrls, servedAt } from './endpoint-urls.ts';
import { visibleApi } from './find.ts';
import { allVisible, listVisible } from './listing.ts';
import { apiFinding, apiInfo, apiView } from './view.ts';

/** `/apis`, `/search` and `/tags`: what there is to find, for anybody. */
export function apiHandlers({ store, settings, plans: planSettings }: DevportalDependencies): RestHandlers {
  /** The business plans of an API that the caller may take. */
  const plansOf = async (organization: OrganizationStore, request: RestRequest, api: Api): Promise<Plan[]> => {
    const plans = await offeredPlans(organization, 'subscription', planSettings);
    return plans.filter((plan) => api.policies.includes(plan.name) && planPermitted(plan, request.principal.roles));
  };
  const find = (request: RestRequest): Promise<Api> =>
    visibleApi(store.organization(request.organization), request, request.path.apiId ?? '');

  return {
    listApis: async (request) => {
      const page = pageOf(request);
      const terms = readSearchQuery(text(request.query.query), 'name');
      const found = await listVisible(store.organization(request.organization), settings, request, terms, page);
      const list = found.items.map(apiInfo);
      return { status: 200, body: listView('/apis', page, found.total, list, { query: request.query.query }) };
    },

    getApi: async (request) => {
      const api = await find(request);
      const organization = store.organization(request.organization);
      const places = await servedAt(organization, api);
      const body: JsonObject = {
        ...apiView(api),
        apiDefinition: JSON.stringify(
          consumerDefinition(api, await definitionOf(organization, api), places, request.baseUrl),
        ),
        tiers: (await plansOf(organization, request, api)).map(tierView),
        endpointURLs: endpointUrls(api, places),
        environmentList: places.map(({ environment }) => environment.name),
      };
      return { status: 200, body };
    },

    getApiDefinition: async (request) => {
      const api = await find(request);
      const organization = store.organization(request.organization);
      const places = chosenPlaces(await servedAt(organization, api), text(request.query.environmentName));
      return {
        status: 200,
        body: consumerDefinition(api, await definitionOf(organization, api), places, request.baseUrl),
      };
    },

    getApiThumbnail: async (request) => {
      const api = await find(request);
      const thumbnail = await store.organization(request.organization).apis.thumbnail(api.id);
      if (!thumbnail) return { status: 204 };
      return { status: 200, headers: { 'content-type': thumbnail.mediaType }, body: thumbnail.bytes };
    },

    listApiPlans: async (request) => {
      const api = await find(request);
      const plans = await plansOf(store.organization(request.organization), request, api);
      return { status: 200, body: plans.map(planView) };
    },

    search: async (request) => {
      const page = pageOf(request);
      const terms = readSearchQuery(text(request.query.query), 'any');
      const found = await listVisible(store.organization(request.organization), settings, request, terms, page);
      const list = found.items.map(apiFinding);
      return { status: 200, body: listView('/search', page, found.total, list, { query: request.query.query }) };
    },

    listTags: async (request) => {
      const page = pageOf(request);
      const counts = new Map<string, number>();
      for await (const api of allVisible(store.organization(request.organization), settings, request)) {
        for (const tag of api.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      }
      const tags = [...counts].map(([value, count]) => ({ value, count }));
      tags.sort((one, other) => (one.value < other.value ? -1 : 1));
      const list = tags.slice(page.offset, page.offset + page.limit);
      return { status: 200, body: listView('/tags', page, tags.length, list) };
    },
  };
}

async function definitionOf(organization: OrganizationStore, api: Api): Promise<string> {
  const definition = await organization.apis.definition(api.id);
  if (definition === undefined) throw new SluiceError(errors.definitionNotFound, { id: api.id });
  return definition;
}

function tierView({ name, billingPlan }: Plan): JsonObject {
  return { tierName: name, tierPlan: billingPlan };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
