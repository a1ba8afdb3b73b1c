import {
  type CounterDesk,
  type CounterState,
  errors,
  type JsonObject,
  SluiceError,
  superOrganization,
} from '@sluice/model';
import type { RestHandlers, RestRequest } from '../rest/handler.ts';
import { listView, pageOf } from '../rest/list.ts';

/** The operations of `counters.json`. */
export function counterHandlers(desk: CounterDesk | undefined): RestHandlers {
  /** Counters name users of every organization: only the one that runs the installation sees them. */
  const deskFor = (request: RestRequest): CounterDesk => {
    if (desk !== undefined && request.organization === superOrganization) return desk;
    throw notFound('This program has no gateway of its own. Ask on the machine of the gateway: sluice throttle list');
  };
  return {
    async listCounters(request) {
      const page = pageOf(request);
      const { query, level } = request.query as { query?: string; level?: string };
      const { total, counters } = await deskFor(request).list({
        ...page,
        ...(query === undefined ? {} : { search: query }),
        ...(level === undefined ? {} : { level }),
      });
      const list = counters.map(counterView);
      return { status: 200, body: listView('/throttle/counters', page, total, list, { query, level }) };
    },
    async getCounter(request) {
      const id = request.path.counterId ?? '';
      const counter = await deskFor(request).find(id);
      if (!counter) throw unknown(id);
      return { status: 200, body: counterView(counter) };
    },
    async resetCounter(request) {
      const id = request.path.counterId ?? '';
      if (!(await deskFor(request).reset(id))) throw unknown(id);
      return { status: 200 };
    },
  };
}

function unknown(id: string): SluiceError {
  return notFound(`Nothing was counted for ${id} in a window that is open`);
}

function notFound(detail: string): SluiceError {
  return new SluiceError(errors.resourceNotFound, { detail });
}

function counterView({ resetsAt, holders, window, ...counter }: CounterState): JsonObject {
  return {
    ...counter,
    window: { ...window },
    nextReset: new Date(resetsAt).toISOString(),
    holders: holders.map((holder) => ({ ...holder })),
  };
}
