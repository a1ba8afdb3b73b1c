import { type CallStory, errors, type JsonObject, SluiceError, type StoryDesk, superOrganization } from '@sluice/model';
import type { RestHandlers } from '../rest/handler.ts';

/** The operations of `stories.json`. */
export function storyHandlers(desk: StoryDesk | undefined): RestHandlers {
  return {
    async getCall(request) {
      // Stories tell of calls of every organization: only the one that runs the installation hears them.
      if (desk === undefined || request.organization !== superOrganization) {
        throw notFound(
          'This program has no gateway of its own. Ask on the machine of the gateway: sluice explain REQUEST-ID',
        );
      }
      const id = request.path.requestId ?? '';
      const story = await desk.find(id);
      if (story === undefined) {
        throw notFound(
          `The gateway keeps no call ${id}: it did not fail, others have failed since, or its process was replaced`,
        );
      }
      return { status: 200, body: storyView(story) };
    },
  };
}

function notFound(detail: string): SluiceError {
  return new SluiceError(errors.resourceNotFound, { detail });
}

function storyView({ startedAt, ...story }: CallStory): JsonObject {
  return { ...(structuredClone(story) as unknown as JsonObject), startedAt: new Date(startedAt).toISOString() };
}
