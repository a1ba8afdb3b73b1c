import { type CounterDesk, errors, type JsonObject, qualifiedUser, SluiceError } from '@sluice/model';
import type { RestHandlers } from '../../rest/handler.ts';
import type { DevportalDependencies } from '../settings.ts';
import { ownApplication } from './find.ts';

/** Levels of the limits that an application's plan sets. */
const levels = ['application', 'application-burst'];
/** Counters that are looked at; a user of an application has one of each level, or another for a plan that was changed. */
const mostCounters = 100;

/** `/applications/{applicationId}/reset-throttle-policy`. */
export function resetHandlers({ store, counters }: DevportalDependencies): RestHandlers {
  return {
    resetApplicationThrottlePolicy: async (request) => {
      const { userName } = request.body as JsonObject;
      const user = typeof userName === 'string' ? userName.trim() : '';
      if (user === '') throw new SluiceError(errors.invalidRequest, { detail: 'userName must name a user.' });
      const organization = store.organization(request.organization);
      const { id } = await ownApplication(organization, request, request.path.applicationId ?? '');
      if (!counters) {
        const detail =
          'This program has no gateway of its own. Ask on the machine of the gateway: sluice throttle reset';
        throw new SluiceError(errors.resourceNotFound, { detail });
      }
      await resetAll(counters, `${id}:${qualifiedUser(user, request.organization)}`);
      return { status: 200 };
    },
  };
}

/** What is not counted in an open window needs no reset. */
async function resetAll(counters: CounterDesk, key: string): Promise<void> {
  for (const level of levels) {
    const found = await counters.list({ search: key, level, offset: 0, limit: mostCounters });
    for (const counter of found.counters) {
      // User names compare without case.
      if (counter.key.toLowerCase() === key.toLowerCase()) await counters.reset(counter.id);
    }
  }
}
