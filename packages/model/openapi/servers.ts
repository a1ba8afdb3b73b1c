import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';
import { extension, privateExtensions, texts } from './extensions.ts';
import { verbs, versionOf } from './version.ts';

const maxServers = 100;

/** Addresses of the servers that a definition names, absolute ones only, variables filled in with their defaults. */
export function serverUrls(document: JsonObject): string[] {
  const urls = versionOf(document) === '2.0' ? swaggerUrls(document) : openapiUrls(document);
  return [...new Set(urls)].slice(0, maxServers);
}

function swaggerUrls(document: JsonObject): string[] {
  const { host, basePath } = document;
  if (typeof host !== 'string' || host === '') return [];
  const schemes = texts(document.schemes);
  const path = typeof basePath === 'string' && basePath !== '/' ? basePath : '';
  return (schemes.length > 0 ? schemes : ['https']).map((scheme) => `${scheme}://${host}${path}`);
}

function openapiUrls(document: JsonObject): string[] {
  const urls: string[] = [];
  for (const item of Array.isArray(document.servers) ? document.servers.slice(0, maxServers) : []) {
    const server = asObject(item);
    if (typeof server?.url !== 'string') continue;
    const variables = asObject(server.variables);
    const url = server.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
      const standard =
        variables !== undefined && Object.hasOwn(variables, name) ? asObject(variables[name])?.default : undefined;
      return typeof standard === 'string' ? standard : whole;
    });
    if (/^(https?|wss?):\/\//i.test(url)) urls.push(url.replace(/\/$/, ''));
  }
  return urls;
}

/**
 * WSO2's `endpointConfig` as a definition asks for it: from `x-wso2-production-endpoints` and `x-wso2-sandbox-endpoints`, else its first server for both sides.
 * Null where it names no absolute address.
 */
export function endpointConfigOf(document: JsonObject): JsonObject | null {
  const production = endpointGroup(extension(document, 'productionEndpoints'));
  const sandbox = endpointGroup(extension(document, 'sandboxEndpoints'));
  if (production === undefined && sandbox === undefined) {
    const url = serverUrls(document)[0];
    if (url === undefined) return null;
    return { endpoint_type: 'http', production_endpoints: { url }, sandbox_endpoints: { url } };
  }
  const type = production?.type ?? sandbox?.type ?? 'http';
  return { endpoint_type: type, ...sideOf('production', type, production), ...sideOf('sandbox', type, sandbox) };
}

interface EndpointGroup {
  readonly urls: readonly string[];
  readonly type: 'http' | 'failover' | 'load_balance';
}

/** `{ urls, type }`; several addresses without a type share the load. */
function endpointGroup(value: Json | undefined): EndpointGroup | undefined {
  const source = asObject(value);
  const urls = texts(source?.urls).slice(0, maxServers);
  if (urls.length === 0) return undefined;
  const said = typeof source?.type === 'string' ? source.type.toLowerCase() : '';
  if (said === 'failover') return { urls, type: 'failover' };
  return { urls, type: urls.length > 1 || said === 'load_balance' ? 'load_balance' : 'http' };
}

function sideOf(side: string, type: EndpointGroup['type'], group: EndpointGroup | undefined): JsonObject {
  if (group === undefined) return {};
  const [first, ...others] = group.urls.map((url) => ({ url }));
  if (first === undefined) return {};
  if (type === 'load_balance') return { [`${side}_endpoints`]: [first, ...others] };
  if (type === 'failover') return { [`${side}_endpoints`]: first, [`${side}_failovers`]: others };
  return { [`${side}_endpoints`]: first };
}

/** Where the API answers, for those who call it. Swagger 2.0 has room for the first address alone. */
export interface PublicAddress {
  /** Absolute URLs up to and with the version, best first: `https://gateway:8243/orders/1.0.0`. */
  readonly urls: readonly string[];
  readonly authorizationUrl?: string;
  readonly tokenUrl?: string;
}

/**
 * The definition as the developer portal shows it: its servers are the gateway's, backends and inner workings are left out,
 * and the security scheme of the API names this installation's key manager.
 */
export function portalDefinition(document: JsonObject, address: PublicAddress): JsonObject {
  const shown: JsonObject = withoutPrivate(document);
  if (versionOf(document) === '2.0') Object.assign(shown, swaggerServers(address.urls));
  else shown.servers = address.urls.map((url) => ({ url }));
  const paths = asObject(document.paths);
  if (paths !== undefined) {
    shown.paths = Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, shownPath(item)]));
  }
  return withAddresses(shown, address);
}

function withoutPrivate(holder: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(holder).filter(([name]) => !privateExtensions.has(name)));
}

/** Servers of single paths and operations are the backend's; the gateway has one address for all. */
function shownPath(given: Json): Json {
  const item = asObject(given);
  if (item === undefined) return given;
  const { servers: _, ...shown } = withoutPrivate(item);
  for (const verb of verbs) {
    const operation = asObject(item[verb]);
    if (operation === undefined) continue;
    const { servers: __, ...kept } = withoutPrivate(operation);
    shown[verb] = kept;
  }
  return shown;
}

function swaggerServers(urls: readonly string[]): JsonObject {
  const parsed = urls.map((url) => URL.parse(url)).filter((url) => url !== null);
  const first = parsed[0];
  if (first === undefined) return {};
  // There is room for one host and path: URLs with another port cannot be told.
  const same = parsed.filter((url) => url.host === first.host && url.pathname === first.pathname);
  const schemes = same.map((url) => url.protocol.slice(0, -1));
  return { host: first.host, basePath: first.pathname, schemes: [...new Set(schemes)] };
}

function withAddresses(document: JsonObject, address: PublicAddress): JsonObject {
  const swagger = versionOf(document) === '2.0';
  const components = asObject(document.components);
  const schemes = asObject(swagger ? document.securityDefinitions : components?.securitySchemes);
  const scheme = asObject(schemes?.default);
  if (schemes === undefined || scheme?.type !== 'oauth2') return document;
  const pointed = swagger ? pointFlow(scheme, address) : { ...scheme, flows: pointFlows(scheme.flows, address) };
  const replaced = { ...schemes, default: pointed };
  if (swagger) return { ...document, securityDefinitions: replaced };
  return { ...document, components: { ...components, securitySchemes: replaced } };
}

function pointFlows(flows: Json | undefined, address: PublicAddress): JsonObject {
  const entries = Object.entries(asObject(flows) ?? {});
  return Object.fromEntries(entries.map(([name, flow]) => [name, pointFlow(asObject(flow) ?? {}, address)]));
}

function pointFlow(flow: JsonObject, { authorizationUrl, tokenUrl }: PublicAddress): JsonObject {
  return {
    ...flow,
    ...(flow.authorizationUrl !== undefined && authorizationUrl !== undefined && { authorizationUrl }),
    ...(flow.tokenUrl !== undefined && tokenUrl !== undefined && { tokenUrl }),
  };
}
