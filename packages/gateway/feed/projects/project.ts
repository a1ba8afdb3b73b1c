import { createHash } from 'node:crypto';
import {
  type Api,
  type ApiEndpoints,
  type DeployedApi,
  deployedApi,
  describeFinding,
  endpointDoubts,
  type Json,
  type JsonObject,
  type LifecycleStatus,
  mockedApi,
  type Operation,
  parseAuthType,
  parseEndpointConfig,
  superOrganization,
} from '@sluice/model';
import { packWsdl } from '../../documents/wsdl-document.ts';
import { definedOperations, definitionText } from './definition.ts';
import { isObject, ProjectDocument, stepsOf } from './document.ts';
import type { ProjectFiles } from './files.ts';
import { graphqlOf } from './graphql.ts';
import { applyParams } from './params.ts';
import { ProjectError } from './project-error.ts';
import { withProjectWsdl } from './wsdl-endpoints.ts';

const apiNames = ['api.yaml', 'api.yml', 'api.json'];
const deploymentNames = ['deployment_environments.yaml', 'deployment_environments.yml', 'deployment_environments.json'];
const visibilities = ['PUBLIC', 'PRIVATE', 'RESTRICTED'] as const;
const statuses: readonly string[] = ['CREATED', 'PUBLISHED', 'PROTOTYPED', 'BLOCKED', 'DEPRECATED', 'RETIRED'];

/** What reading a project makes of it. */
export interface ReadProject {
  /** Null when the project is not deployed to the environment asked for. */
  readonly api: DeployedApi | null;
  /** What can be served, but perhaps not as it was meant. */
  readonly warnings: readonly string[];
}

/** Reads an API project (wso2-control-plane.md 4.5) as the gateways of `environment` serve it. Throws `ProjectError`. */
export function readProject(files: ProjectFiles, environment: string): ReadProject {
  const file = files.first(apiNames);
  if (file === undefined) throw new ProjectError(files.place, undefined, `it holds none of ${apiNames.join(', ')}`);
  const document = new ProjectDocument(file.place, file.text);
  const data = document.root.data;
  if (!isObject(data)) throw document.error([], 'there is no member data with the API');
  const vhost = deploymentOf(files, environment);
  if (vhost === undefined) return { api: null, warnings: [] };
  const own = isObject(data.endpointConfig) ? data.endpointConfig : {};
  const params = applyParams(files, environment, own, process.env);
  const endpointConfig = params?.endpointConfig ?? data.endpointConfig;
  const { endpoints, findings } = parseEndpointConfig(endpointConfig);
  const broken = findings.find(({ level }) => level === 'error');
  if (broken !== undefined) {
    const reason = describeFinding(broken);
    const elsewhere = params?.mistake(broken.path, reason);
    throw elsewhere ?? document.error(['data', 'endpointConfig', ...stepsOf(broken.path)], reason);
  }
  const addressed = addressedEndpoints(document, endpoints, files);
  const operations = definedOperations(files) ?? listedOperations(document, data);
  if (operations.length === 0) throw document.error(['data'], 'the API has no operations');
  const api = readApi(document, data, operations);
  const doubts = endpointDoubts(addressed, operations);
  const warnings = [...(params?.warnings ?? []), ...findings.map(describeFinding), ...doubts];
  const wsdl = wsdlOf(files, warnings);
  const graphql = api.type === 'GRAPHQL' ? graphqlOf(files) : undefined;
  const definition = isMocked(document, data) ? definitionText(files) : null;
  const revision = createHash('sha256')
    .update(JSON.stringify([data, endpointConfig, operations, vhost, wsdl ?? null, graphql ?? null, definition]))
    .digest('hex')
    .slice(0, 16);
  const environmentHosts = vhost === null ? [] : [hostOf(vhost), hostOf('')];
  const deployed = deployedApi(
    api,
    { revisionId: revision, vhost: vhost ?? '' },
    { vhosts: environmentHosts },
    addressed,
  );
  const served = definition === null ? deployed : mockedApi(deployed, definition);
  return {
    api: { ...served, ...(wsdl === undefined ? {} : { wsdl }), ...(graphql === undefined ? {} : { graphql }) },
    warnings,
  };
}

/** What the project's WSDL document says of endpoints. */
function addressedEndpoints(document: ProjectDocument, endpoints: ApiEndpoints, files: ProjectFiles): ApiEndpoints {
  try {
    return withProjectWsdl(endpoints, files.wsdl()?.text);
  } catch (error) {
    throw document.error(['data', 'endpointConfig'], (error as Error).message);
  }
}

function isMocked(document: ProjectDocument, { endpointImplementationType: type = 'ENDPOINT' }: JsonObject): boolean {
  if (type === 'ENDPOINT') return false;
  if (type === 'INLINE' || type === 'MOCKED_OAS') return true;
  const place = ['data', 'endpointImplementationType'];
  throw document.error(place, 'endpointImplementationType must be one of ENDPOINT, INLINE, MOCKED_OAS');
}

/** The API serves without its WSDL document too. */
function wsdlOf(files: ProjectFiles, warnings: string[]): string | undefined {
  const file = files.wsdl();
  if (file === undefined) return undefined;
  try {
    return packWsdl(file.text);
  } catch (error) {
    warnings.push(`${file.place} cannot be shown by ?wsdl: ${(error as Error).message}`);
    return undefined;
  }
}

/** Two hosts make the model keep the name: a project that names a host is served there alone. */
function hostOf(host: string) {
  return { host, httpPort: 80, httpsPort: 443, wsPort: 80, wssPort: 443, httpContext: '' };
}

/** Host under which the project is deployed to `environment`: null for every host, undefined when it is not deployed there. */
function deploymentOf(files: ProjectFiles, environment: string): string | null | undefined {
  const file = files.first(deploymentNames);
  if (file === undefined) return null;
  const document = new ProjectDocument(file.place, file.text);
  const list = document.root.data;
  if (!Array.isArray(list)) throw document.error(['data'], 'data must be a list of deployment environments');
  const entry = list.find((one) => isObject(one) && one.deploymentEnvironment === environment);
  if (!isObject(entry)) return undefined;
  const host = entry.deploymentVhost;
  // apictl writes `localhost` for the first environment, whatever name its gateways are called by.
  return typeof host === 'string' && host !== '' && host !== 'localhost' ? host : null;
}

function readApi(document: ProjectDocument, data: JsonObject, operations: readonly Operation[]): Api {
  const required = (member: string): string => {
    const value = data[member];
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string' || value === '') throw document.error(['data', member], `${member} must be a text`);
    return value;
  };
  const status = data.lifeCycleStatus ?? 'PUBLISHED';
  if (typeof status !== 'string' || !statuses.includes(status)) {
    throw document.error(['data', 'lifeCycleStatus'], `lifeCycleStatus must be one of ${statuses.join(', ')}`);
  }
  const name = required('name');
  const version = required('version');
  return {
    id: `${name}/${version}`,
    organization: superOrganization,
    name,
    version,
    context: required('context'),
    provider: textOr(data.provider, 'admin'),
    type: textOr(data.type, 'HTTP') as Api['type'],
    status: status as LifecycleStatus,
    isDefaultVersion: data.isDefaultVersion === true,
    transport: textsOf(data.transport),
    tags: [],
    policies: textsOf(data.policies),
    apiThrottlingPolicy: textOr(data.apiThrottlingPolicy, '') || null,
    authorizationHeader: textOr(data.authorizationHeader, ''),
    apiKeyHeader: textOr(data.apiKeyHeader, ''),
    securityScheme: textsOf(data.securityScheme),
    visibility: visibilities.find((one) => one === data.visibility) ?? 'PUBLIC',
    visibleRoles: [],
    accessControl: 'NONE',
    accessControlRoles: [],
    ...corsOf(data.corsConfiguration),
    endpointConfig: isObject(data.endpointConfig) ? data.endpointConfig : null,
    endpointImplementationType: 'ENDPOINT',
    scopes: [],
    operations,
    keyManagers: textsOf(data.keyManagers),
    additionalProperties: [],
    hasThumbnail: false,
    more: { audiences: textsOf(data.audiences), ...(isObject(data.maxTps) ? { maxTps: data.maxTps } : {}) },
    createdTime: 0,
    updatedTime: 0,
    updatedBy: '',
  };
}

/** The operations as the API itself lists them, for projects without a definition. */
function listedOperations(document: ProjectDocument, data: JsonObject): Operation[] {
  const list = data.operations ?? [];
  if (!Array.isArray(list)) throw document.error(['data', 'operations'], 'operations must be a list');
  return list.map((one, index) => {
    const path = ['data', 'operations', index] as const;
    if (!isObject(one)) throw document.error(path, 'an operation must be a map');
    const { target, verb } = one;
    if (typeof target !== 'string') throw document.error([...path, 'target'], 'target must be a text');
    if (typeof verb !== 'string') throw document.error([...path, 'verb'], 'verb must be a text');
    const authType = parseAuthType(textOr(one.authType, 'Any'));
    if (authType === undefined) throw document.error([...path, 'authType'], 'authType is none that is known');
    const throttlingPolicy = textOr(one.throttlingPolicy, 'Unlimited');
    const { uriMapping } = one;
    const more = typeof uriMapping === 'string' ? { more: { uriMapping } } : {};
    return { target, verb: verb.toUpperCase(), authType, throttlingPolicy, scopes: textsOf(one.scopes), ...more };
  });
}

function corsOf(value: Json | undefined): Pick<Api, 'corsConfiguration'> {
  if (!isObject(value)) return {};
  return {
    corsConfiguration: {
      corsConfigurationEnabled: value.corsConfigurationEnabled === true,
      accessControlAllowOrigins: textsOf(value.accessControlAllowOrigins),
      accessControlAllowCredentials: value.accessControlAllowCredentials === true,
      accessControlAllowHeaders: textsOf(value.accessControlAllowHeaders),
      accessControlAllowMethods: textsOf(value.accessControlAllowMethods),
    },
  };
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
