import {
  type Api,
  applyOperations,
  errors,
  type JsonObject,
  type Operation,
  operationsOf,
  SluiceError,
  scopesOf,
  validateDefinition,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';
import type { PublisherSettings } from '../dependencies.ts';
import { readSource } from './source.ts';

/** The definition that a form brings, judged; call it before the transaction, since it may take a while. */
export async function readNewDefinition(request: RestRequest, settings: PublisherSettings): Promise<JsonObject> {
  const source = await readSource(request, settings);
  const { refusal, document } = await validateDefinition(source, { maxBytes: settings.definitionBytes });
  if (refusal) throw refusal;
  if (!document) throw new SluiceError(errors.openapiUnrecognized);
  return document;
}

/**
 * The working copy as a new definition changes it: its operations and scopes follow. What a definition cannot say is kept from the operation or scope
 * that stands there: policies, and roles, without which a scope would be open to everybody.
 */
export function redefinedApi(
  api: Api,
  document: JsonObject,
  by: { readonly user: string; readonly time: number },
): Api {
  const operations = operationsOf(document);
  if (operations.length === 0) throw new SluiceError(errors.noOperations);
  const known = new Map(api.operations.map((operation) => [keyOf(operation), operation]));
  const bound = new Map(api.scopes.map((scope) => [scope.name, scope]));
  return {
    ...api,
    operations: operations.map((operation) => {
      const { id, more } = known.get(keyOf(operation)) ?? {};
      return { ...operation, ...(id === undefined ? {} : { id }), ...(more ? { more } : {}) };
    }),
    scopes: scopesOf(document).map((scope) => {
      const present = bound.get(scope.name);
      return present && scope.bindings.length === 0
        ? { ...scope, bindings: present.bindings, shared: present.shared }
        : scope;
    }),
    updatedTime: by.time,
    updatedBy: by.user,
  };
}

/** Stores a working copy with its new definition, and gives the definition as stored. Call it in a transaction. */
export async function replaceDefinition(
  organization: OrganizationStore,
  api: Api,
  document: JsonObject,
): Promise<JsonObject> {
  if (!(await organization.apis.update(api))) throw new SluiceError(errors.apiNotFound, { id: api.id });
  const definition = applyOperations(document, api);
  await organization.apis.setDefinition(api.id, JSON.stringify(definition));
  return definition;
}

function keyOf({ verb, target }: Operation): string {
  return `${verb} ${target}`;
}
