import type { DeployedApi, RuntimeOperation } from '@sluice/model';
import { type CompiledCors, compileCors } from '../chain/cors.ts';
import { type CompiledCredentials, compileCredentials } from '../chain/credentials.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { compileSilence } from '../chain/silence.ts';
import { type Step, stepsOf, unmatchedSteps } from '../chain/steps.ts';
import { compileEndpoint } from '../endpoints/compile.ts';
import type { Sender } from '../endpoints/sender.ts';
import { compileMapping, type UriMapping } from '../endpoints/uri-mapping.ts';
import { GraphqlOperations } from '../graphql/operations.ts';
import { OperationFound } from '../throttling/found.ts';
import type { ClientSilence } from '../transport/call.ts';
import { OperationTree } from './operations.ts';
import { compileTemplate, type UriTemplate } from './template.ts';

/** An operation with all that its calls run through. */
export interface CompiledOperation {
  readonly source: RuntimeOperation;
  readonly template: UriTemplate;
  /** What the topic of a WebSocket API is at the backend; null where the endpoint's URL is all. */
  readonly mapping: UriMapping | null;
  /** In order; the last one sends. */
  readonly steps: readonly Step[];
  /** What limits its calls, as far as that does not depend on the caller. */
  readonly found: OperationFound;
  /** Operations that a query asks for together; their limits are met one by one. */
  readonly parts?: readonly CompiledOperation[];
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
  /** How long its clients may be silent; null where the gateway's deadlines say that. */
  readonly silence: ClientSilence | null;
  readonly credentials: CompiledCredentials;
  readonly operations: OperationTree<CompiledOperation>;
  /** What is behind the one path of a GraphQL API; null for others. */
  readonly graphql: GraphqlOperations | null;
  /** What a call runs through that fits no operation. */
  readonly unmatched: readonly Step[];
  /** A side without endpoint is null. */
  readonly production: Sender | null;
  readonly sandbox: Sender | null;
}

/** Throws what makes the API unservable as a whole; a fault of one endpoint only answers the calls to it. */
export function compileApi(api: DeployedApi, settings: CompileSettings): CompiledApi {
  const graphql = api.type === 'GRAPHQL' ? new GraphqlOperations(api) : null;
  const operations = graphql?.entrance() ?? new OperationTree<CompiledOperation>();
  for (const source of graphql === null ? inOrder(api.operations) : []) {
    const template = compileTemplate(source.target);
    const mapping = api.type === 'WS' && source.uriMapping !== undefined ? compileMapping(source.uriMapping) : null;
    const steps = stepsOf(api, source);
    operations.add(methodOf(source.verb), template, { source, template, mapping, steps, found: new OperationFound() });
  }
  const credentials = compileCredentials(api, settings.keepAuthorization);
  const label = `${api.name}/${api.version}`;
  const leaves = settings.leaves.deploy({ id: api.id, label });
  const owner = {
    organization: api.organization,
    credentials,
    leaves,
    deadlines: { label, timeouts: api.endpoints.timeouts },
  };
  const { production, sandbox } = api.endpoints;
  settings.healthChecks.release(api.id);
  const compiled: CompiledApi = {
    source: api,
    label,
    overHttp: isOver(api, 'http', 'ws'),
    overHttps: isOver(api, 'https', 'wss'),
    cors: compileCors(api, settings),
    silence: compileSilence(api, settings.timeouts),
    credentials,
    operations,
    graphql,
    unmatched: unmatchedSteps,
    production: production && compileEndpoint(production, owner, settings),
    sandbox: sandbox && compileEndpoint(sandbox, owner, settings),
  };
  leaves.commit();
  return compiled;
}

/** Topics are opened with GET, to listen or to speak; where both are defined, listening says who may (wso2-policies-and-kinds.md 4.2). */
const topicVerbs = ['SUBSCRIBE', 'PUBLISH'];

function methodOf(verb: string): string {
  const method = verb.toUpperCase();
  return topicVerbs.includes(method) ? 'GET' : method;
}

/** The first of two operations with the same method and template counts. */
function inOrder(operations: readonly RuntimeOperation[]): RuntimeOperation[] {
  const rank = ({ verb }: RuntimeOperation) => topicVerbs.indexOf(verb.toUpperCase());
  return [...operations].sort((one, other) => rank(one) - rank(other));
}

/** APIs of type WS name the schemes of WebSocket, or those of HTTP. */
function isOver(api: DeployedApi, ...schemes: readonly string[]): boolean {
  return api.transport.length === 0 || schemes.some((scheme) => api.transport.includes(scheme));
}
