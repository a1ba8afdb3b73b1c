import type { Portal } from '../rest/portal.ts';
import { apiHandlers } from './apis/handlers.ts';
import { searchHandlers } from './apis/search.ts';
import { thumbnailHandlers } from './apis/thumbnail.ts';
import { definitionHandlers } from './definitions/handlers.ts';
import type { PublisherDependencies } from './dependencies.ts';
import { description } from './description.ts';
import { graphqlHandlers } from './graphql/handlers.ts';
import { lifecycleHandlers } from './lifecycle/handlers.ts';
import { planHandlers } from './plans/handlers.ts';
import { revisionHandlers } from './revisions/handlers.ts';
import { settingsHandlers } from './settings/handlers.ts';
import { subscriptionHandlers } from './subscriptions/handlers.ts';

/** The publisher's REST API, v4. */
export function publisherPortal(deps: PublisherDependencies): Portal {
  return {
    name: 'publisher',
    description,
    handlers: {
      ...apiHandlers(deps),
      ...definitionHandlers(deps),
      ...thumbnailHandlers(deps),
      ...graphqlHandlers(deps),
      ...searchHandlers(deps),
      ...lifecycleHandlers(deps),
      ...revisionHandlers(deps),
      ...subscriptionHandlers(deps),
      ...planHandlers(deps),
      ...settingsHandlers(deps),
    },
  };
}
