import {
  type DefinitionReport,
  describeFinding,
  errors,
  type JsonObject,
  operationsOf,
  SluiceError,
  validateDefinition,
} from '@sluice/model';
import type { RestRequest } from '../../rest/handler.ts';
import { operationDocument } from '../apis/document.ts';
import type { PublisherSettings } from '../dependencies.ts';
import { readSource } from './source.ts';

/** WSO2's `OpenAPIDefinitionValidationResponse`. What is wrong with the definition, or with fetching it, is an answer here and no error. */
export async function examineDefinition(request: RestRequest, settings: PublisherSettings): Promise<JsonObject> {
  let source: Uint8Array;
  try {
    source = await readSource(request, settings);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.entry === errors.openapiMissing) throw error;
    return { isValid: false, errors: [errorView(error)] };
  }
  const report = await validateDefinition(source, { maxBytes: settings.definitionBytes });
  return {
    isValid: report.valid,
    ...(request.query.returnContent === true ? { content: new TextDecoder().decode(source) } : {}),
    ...(report.info ? { info: infoView(report.info, report) } : {}),
    errors: errorsOf(report),
  };
}

function infoView(info: NonNullable<DefinitionReport['info']>, { valid, document }: DefinitionReport): JsonObject {
  return {
    name: info.name,
    version: info.version,
    ...(info.context === null ? {} : { context: info.context }),
    ...(info.description === null ? {} : { description: info.description }),
    openAPIVersion: info.openAPIVersion,
    endpoints: [...info.endpoints],
    operations: valid && document ? operationsOf(document).map(operationDocument) : [],
  };
}

function errorsOf({ refusal, errors: found }: DefinitionReport): JsonObject[] {
  if (!refusal) return [];
  if (found.length === 0) return [errorView(refusal)];
  const { code, message } = refusal.entry;
  return found.map((finding) => ({ code: String(code), message, description: describeFinding(finding) }));
}

function errorView({ entry, description }: SluiceError): JsonObject {
  return { code: String(entry.code), message: entry.message, description };
}
