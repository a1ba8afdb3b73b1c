import { errors, readDefinition, SluiceError } from '@sluice/model';
import type { RestHandlers } from '../../rest/handler.ts';
import { warnOfEndpoints } from '../../timeouts/warn.ts';
import { checkDraft } from '../apis/check.ts';
import { apiDocument } from '../apis/document.ts';
import { findApi, parameter } from '../apis/find.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { importDefinition } from './import.ts';
import { readNewDefinition, redefinedApi, replaceDefinition } from './update.ts';
import { examineDefinition } from './validate.ts';

/** OpenAPI definitions: import, examination, reading, replacing. */
export function definitionHandlers(deps: PublisherDependencies): RestHandlers {
  const { store, keyManager, settings, plans } = deps;

  return {
    importOpenAPIDefinition: async (request) => {
      const api = await importDefinition(deps, request);
      const location = `${request.baseUrl}/api/am/publisher/v4/apis/${api.id}`;
      const warnings = await warnOfEndpoints(store.organization(request.organization), api, deps);
      return { status: 201, headers: { location, ...warnings }, body: apiDocument(api) };
    },

    validateOpenAPIDefinition: async (request) => ({ status: 200, body: await examineDefinition(request, settings) }),

    getAPISwagger: async (request) => {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      const text = await organization.apis.definition(api.id);
      if (!text) throw new SluiceError(errors.definitionNotFound, { id: api.id });
      // What was stored as JSON, as nearly all is, goes out as it stands: the largest definitions take a second to read.
      const headers = { 'content-type': 'application/json' };
      return {
        status: 200,
        headers,
        body: text.startsWith('{') ? text : readDefinition(text, Number.POSITIVE_INFINITY),
      };
    },

    updateAPISwagger: async (request) => {
      const id = parameter(request, 'apiId');
      const before = await findApi(store.organization(request.organization), request, id);
      const document = await readNewDefinition(request, settings);
      const by = { user: request.principal.user, time: Date.now() };
      await checkDraft(redefinedApi(before, document, by), {
        ...{ organization: store.organization(request.organization), name: before.name, before },
        roles: { keyManager, organization: request.organization },
        plans,
      });
      const definition = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const present = await findApi(organization, request, id);
        return replaceDefinition(organization, redefinedApi(present, document, by), document);
      });
      return { status: 200, body: definition };
    },
  };
}
