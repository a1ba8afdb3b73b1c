import { errors, SluiceError } from '@sluice/model';
import { readDescription } from '../rest/description.ts';
import type { RestHandler, RestHandlers } from '../rest/handler.ts';
import type { Portal } from '../rest/portal.ts';
import { scopesOf } from '../rest/scopes.ts';
import { accountHandlers } from './account/handlers.ts';
import { graphqlHandlers } from './apis/graphql.ts';
import { apiHandlers } from './apis/handlers.ts';
import { createFirstSignIn } from './applications/first-sign-in.ts';
import { applicationHandlers } from './applications/handlers.ts';
import { resetHandlers } from './applications/reset-limits.ts';
import { keyManagerHandlers } from './key-managers.ts';
import { keyHandlers } from './keys/handlers.ts';
import { planHandlers } from './plans/handlers.ts';
import type { DevportalDependencies } from './settings.ts';
import { subscriptionHandlers } from './subscriptions/handlers.ts';

/** The developer portal's REST API, v3. */
export function devportalPortal(deps: DevportalDependencies): Portal {
  const description = readDescription(new URL('devportal.json', import.meta.url));
  const handlers: RestHandlers = {
    ...apiHandlers(deps),
    ...graphqlHandlers(deps),
    ...applicationHandlers(deps),
    ...resetHandlers(deps),
    ...keyHandlers(deps),
    ...subscriptionHandlers(deps),
    ...planHandlers(deps),
    ...keyManagerHandlers(deps),
    ...accountHandlers({ ...deps, scopes: scopesOf(description) }),
  };
  return { name: 'devportal', description, handlers: admit(deps, handlers) };
}

/** Lets the signed-in in, with a greeting at the first time; the others as far as the installation takes the anonymous. */
function admit(deps: DevportalDependencies, handlers: RestHandlers): RestHandlers {
  const greet = deps.settings.defaultApplication ? createFirstSignIn(deps) : undefined;
  const admitted =
    (name: string, handler: RestHandler): RestHandler =>
    async (request) => {
      // The sign-in page itself reads the settings.
      if (request.anonymous && !deps.settings.anonymousMode && name !== 'getSettings') {
        throw new SluiceError(errors.unauthenticated);
      }
      await greet?.(request);
      return handler(request);
    };
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, admitted(name, handler)]));
}
