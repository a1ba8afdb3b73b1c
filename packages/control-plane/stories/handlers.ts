import { type CallStory, errors, type JsonObject, SluiceError, type StoryDesk, superOrganization } from '@sluice/model';
import type { RestHandlers, RestRequest } from '../rest/handler.ts';
import { listView, pageOf } from '../rest/list.ts';

/** The operations of `stories.json`. */
export function storyHandlers(desk: StoryDesk | undefined): RestHandlers {
  /** Stories tell of calls of every organization: only the one that runs the installation hears them. */
  const deskFor = (request: RestRequest): StoryDesk => {
    if (desk !== undefined && request.organization === superOrganization) return desk;
    throw notFound('This program has no gateway of its own. Ask on the machine of the gateway: sluice explain calls');
  };
  return {
    async listCalls(request) {
      const page = pageOf(request);
      const { query, kept } = request.query as { query?: string; kept?: CallStory['kept'] };
      const { total, calls } = await deskFor(request).list({
        ...page,
        ...(query === undefined ? {} : { search: query }),
        ...(kept === undefined ? {} : { kept }),
      });
      return { status: 200, body: listView('/calls', page, total, calls.map(storyView), { query, kept }) };
    },
    async getCall(request) {
      const id = request.path.requestId ?? '';
      const story = await deskFor(request).find(id);
      if (story !== undefined) return { status: 200, body: storyView(story) };
      throw notFound(
        `The gateway keeps no call ${id}: it did not fail, others have failed since, or its process was replaced`,
      );
    },
  };
}

function notFound(detail: string): SluiceError {
  return new SluiceError(errors.resourceNotFound, { detail });
}

/** A story is plain data that JSON has room for. */
function storyView({ startedAt, ...story }: CallStory): JsonObject {
  return { ...(story as unknown as JsonObject), startedAt: new Date(startedAt).toISOString() };
}
