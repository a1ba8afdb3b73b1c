import type { Operation } from '../api.ts';
import type { ApiEndpoints, Endpoint, LeafEndpoint } from '../endpoint.ts';
import { hasVariableHost, readVariables, unknownVariable } from './variables.ts';

/** What of endpoints that were read without an error cannot be served as it was meant, in words: who saves an API hears of it. */
export function endpointDoubts(
  { production, sandbox }: Pick<ApiEndpoints, 'production' | 'sandbox'>,
  operations: readonly Pick<Operation, 'target'>[],
): string[] {
  const given = new Set(
    operations.flatMap(({ target }) => [...target.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name)),
  );
  return [production, sandbox].flatMap((side) => (side === null ? [] : doubtsOf(side, given)));
}

function doubtsOf(endpoint: Endpoint, given: ReadonlySet<string | undefined>): string[] {
  if ('children' in endpoint) return endpoint.children.flatMap((child) => doubtsOf(child, given));
  if (!('url' in endpoint)) return [];
  return [...kindDoubts(endpoint), ...urlDoubts(endpoint, given)].map((doubt) => `endpoint ${endpoint.name}: ${doubt}`);
}

function* kindDoubts({ kind, format, url }: LeafEndpoint): Iterable<string> {
  if (kind === 'awslambda' || kind === 'sequence') yield `the gateway does not call the kind ${kind} and answers 501`;
  if (kind === 'wsdl' && url === '') yield 'the address was not read from its WSDL document; calls are answered 500';
  if (format !== null) yield `messages are not converted to the format ${format}; they go on as they are`;
  if (kind === 'default' || hasVariableHost(url)) {
    yield 'calls choose the host, which the setting sluice.gateway.dynamic_hosts has to allow';
  }
}

function* urlDoubts({ url }: LeafEndpoint, given: ReadonlySet<string | undefined>): Iterable<string> {
  const read = readVariables(url);
  const unknown = unknownVariable(read);
  if (unknown !== undefined) yield `nothing sets the variable ${unknown} of its URL; calls are answered 500`;
  for (const { source, name } of read.variables) {
    if (source === 'path' && !given.has(name))
      yield `no operation has {${name}}, so that {uri.var.${name}} stands for nothing`;
  }
}
