import type { DeployedApi, RuntimeOperation } from '@sluice/model';
import { type CompiledCors, compileCors } from '../chain/cors.ts';
import { type CompiledCredentials, compileCredentials } from '../chain/credentials.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { type Step, stepsOf, unmatchedSteps } from '../chain/steps.ts';
import { compileEndpoint } from '../endpoints/compile.ts';
import type { Sender } from '../endpoints/sender.ts';
import { OperationTree } from './operations.ts';
import { compileTemplate, type UriTemplate } from './template.ts';

/** An operation with all that its calls run through. */
export interface CompiledOperation {
  readonly source: RuntimeOperation;
  readonly template: UriTemplate;
  /** In order; the last one sends. */
  readonly steps: readonly Step[];
}

/** An API with everything worked out that does not depend on the call. */
export interface CompiledApi {
  readonly source: DeployedApi;
  /** `name/version`, for logs. */
  readonly label: string;
  /** Whether it may be called in the clear, and over TLS. */
  readonly overHttp: boolean;
  readonly overHttps: boolean;
  readonly cors: CompiledCors | null;
  readonly credentials: CompiledCredentials;
  readonly operations: OperationTree<CompiledOperation>;
  /** What a call runs through that fits no operation. */
  readonly unmatched: readonly Step[];
  /** A side without endpoint is null. */
  readonly production: Sender | null;
  readonly sandbox: Sender | null;
}

/** Throws what makes the API unservable as a whole; a fault of one endpoint only answers the calls to it. */
export function compileApi(api: DeployedApi, settings: CompileSettings): CompiledApi {
  const operations = new OperationTree<CompiledOperation>();
  for (const source of api.operations) {
    const template = compileTemplate(source.target);
    operations.add(source.verb.toUpperCase(), template, { source, template, steps: stepsOf(api, source) });
  }
  const credentials = compileCredentials(api, settings.keepAuthorization);
  return {
    source: api,
    label: `${api.name}/${api.version}`,
    overHttp: api.transport.length === 0 || api.transport.includes('http'),
    overHttps: api.transport.length === 0 || api.transport.includes('https'),
    cors: compileCors(api, settings),
    credentials,
    operations,
    unmatched: unmatchedSteps,
    production: api.endpoints.production && compileEndpoint(api.endpoints.production, credentials, settings),
    sandbox: api.endpoints.sandbox && compileEndpoint(api.endpoints.sandbox, credentials, settings),
  };
}
