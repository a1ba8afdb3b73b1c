import {
  type EndpointDesk,
  type EndpointState,
  type EndpointStatus,
  errors,
  type JsonObject,
  SluiceError,
  superOrganization,
} from '@sluice/model';
import type { RestHandler, RestHandlers, RestRequest } from '../rest/handler.ts';
import { listView, pageOf } from '../rest/list.ts';

/** The operations of `endpoints.json`. */
export function endpointHandlers(desk: EndpointDesk | undefined): RestHandlers {
  /** The gateway serves APIs of every organization: only the one that runs the installation sees its endpoints. */
  const deskFor = (request: RestRequest): EndpointDesk => {
    if (desk !== undefined && request.organization === superOrganization) return desk;
    throw notFound('This program has no gateway of its own. Ask on the machine of the gateway: sluice endpoints');
  };
  const switching =
    (on: boolean): RestHandler =>
    async (request) => {
      const id = request.path.endpointId ?? '';
      const endpoint = await deskFor(request).switch(id, on, request.principal.user);
      if (endpoint === undefined) throw notFound(`The gateway serves no endpoint ${id}`);
      return { status: 200, body: endpointView(endpoint) };
    };
  return {
    async listEndpoints(request) {
      const page = pageOf(request);
      const { query, state } = request.query as { query?: string; state?: EndpointStatus };
      const { total, endpoints } = await deskFor(request).list({
        ...page,
        ...(query === undefined ? {} : { search: query }),
        ...(state === undefined ? {} : { state }),
      });
      return {
        status: 200,
        body: listView('/endpoints', page, total, endpoints.map(endpointView), { query, state }),
      };
    },
    suspendEndpoint: switching(false),
    resumeEndpoint: switching(true),
  };
}

function notFound(detail: string): SluiceError {
  return new SluiceError(errors.resourceNotFound, { detail });
}

function endpointView({ id, api, name, url, side, state, since, cause, ...rest }: EndpointState): JsonObject {
  return {
    ...{ id, api, name, url, ...(side === null ? {} : { side }), state },
    ...(since === null ? {} : { since: new Date(since).toISOString() }),
    ...(cause === null ? {} : { cause: { ...cause } }),
    ...(rest.nextTryIn === null ? {} : { nextTryIn: rest.nextTryIn }),
    ...{ answers: rest.answers, faults: rest.faults },
  };
}
