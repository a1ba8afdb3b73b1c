import type { StoryDesk } from '@sluice/model';
import { readDescription } from '../rest/description.ts';
import type { Portal } from '../rest/portal.ts';
import { storyHandlers } from './handlers.ts';

/** The REST API of the stories of calls, `/api/sluice/v1/calls`; ours, WSO2 has none. Without a gateway in this program it finds none. */
export function storyPortal(desk: StoryDesk | undefined): Portal {
  return {
    name: 'stories',
    description: readDescription(new URL('stories.json', import.meta.url)),
    handlers: storyHandlers(desk),
  };
}
