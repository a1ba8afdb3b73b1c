import type { Log } from '@sluice/model';
import { errors, SluiceError } from '@sluice/model';
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import { type Authenticator, authenticate } from './authenticate.ts';
import { baseUrlOf } from './base-url.ts';
import { type BodyLimits, readBody } from './body.ts';
import { type DescribedOperation, describedOperations } from './description.ts';
import type { RestHandler, RestRequest } from './handler.ts';
import type { Portal } from './portal.ts';
import { Preconditions } from './preconditions.ts';
import { encode, entityTag, negotiate, revalidate, send } from './reply.ts';
import { type ResponseCheck, responseCheck } from './response-check.ts';
import { type Route, Router } from './router.ts';
import { type Parameters, RequestValidation } from './validation.ts';

export interface MountOptions {
  readonly authenticator: Authenticator;
  readonly log: Log;
  readonly limits: BodyLimits;
  /** Base of links when a request names no usable host. */
  readonly publicUrl: string;
  /** Answers 500 with the difference when a response is not as described. Costs a second validation: for test suites. */
  readonly checkResponses: boolean;
}

interface Endpoint {
  readonly operation: DescribedOperation;
  readonly handler: RestHandler;
}

/** Serves a portal under the path of its first server. Throws by name when description and handlers do not cover each other. */
export function mountPortal(app: FastifyInstance, portal: Portal, options: MountOptions): void {
  const base = new URL(portal.description.servers[0].url, 'http://any').pathname;
  const router = new Router<Endpoint>();
  for (const endpoint of pair(portal)) router.add(endpoint.operation.method, endpoint.operation.template, endpoint);
  const validation = new RequestValidation(portal.description);
  const check = options.checkResponses ? responseCheck(portal.description) : null;
  const preconditions = new Preconditions();

  let yaml: string | undefined;
  app.get(`${base}/swagger.yaml`, { exposeHeadRoute: true }, async (_request, reply) => {
    const { stringify } = await import('yaml');
    yaml ??= stringify(portal.description, { aliasDuplicateObjects: false, lineWidth: 0 });
    return reply.header('content-type', 'text/yaml').send(Buffer.from(yaml));
  });
  app.route({
    method: methods,
    url: `${base}/*`,
    handler: async (request, reply) => {
      const { operation, handler, path, reader } = find(router, base, request);
      const proof = await authenticate(options.authenticator, operation, request.headers.authorization);
      negotiate(operation, request.headers.accept);
      const parameters = await readParameters(validation, operation, path, request);
      const body = await readBody(operation, request, options.limits);
      const schema = body.mediaType === null ? undefined : operation.body?.media.get(body.mediaType);
      if (body.json !== undefined && schema) refuse(await validation.body(schema, body.json));
      const call: RestRequest = {
        ...proof,
        organization: proof.principal.organization,
        path,
        query: parameters.query as RestRequest['query'],
        headers: request.headers,
        body: body.json,
        fields: body.fields,
        files: body.files,
        baseUrl: baseUrlOf(request.headers.host, request.protocol, options.publicUrl),
        check: async (name, value) => refuse(await validation.body(`#/components/schemas/${name}`, value)),
      };
      const ifMatch = request.headers['if-match'];
      const response =
        reader && ifMatch && ifMatch !== '*'
          ? await preconditions.guard(
              JSON.stringify([call.organization, operation.template, path]),
              ifMatch,
              async () => entityTag(reader.operation, encode(await reader.handler(readingOf(call)))),
              () => handler(call),
            )
          : await handler(call);
      const encoded = encode(response);
      await (check as ResponseCheck | null)?.(operation, encoded);
      return send(reply, revalidate(operation, request.headers['if-none-match'], encoded));
    },
  });
}

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Ties each operation to its handler. */
function* pair(portal: Portal): Iterable<Endpoint> {
  const left = new Set(Object.keys(portal.handlers));
  for (const operation of describedOperations(portal.description)) {
    const handler = portal.handlers[operation.id];
    if (!handler) throw new Error(`the ${portal.name} description has the operation ${operation.id}, but no handler`);
    left.delete(operation.id);
    yield { operation, handler };
  }
  if (left.size > 0) {
    throw new Error(`the ${portal.name} handlers ${[...left].join(', ')} are not operations of its description`);
  }
}

function find(
  router: Router<Endpoint>,
  base: string,
  request: FastifyRequest,
): Endpoint & { path: Record<string, string>; reader: Endpoint | undefined } {
  const path = request.url.slice(base.length).split('?', 1)[0] ?? '';
  const route: Route<Endpoint> | undefined = router.find(request.method, path);
  if (!route) throw new SluiceError(errors.routeNotFound, { path: base + path });
  // HEAD is GET without its body (RFC 9110 9.3.2); Node leaves the body out.
  const endpoint =
    route.methods.get(request.method) ?? (request.method === 'HEAD' ? route.methods.get('GET') : undefined);
  if (!endpoint) throw new MethodNotAllowed(request.method, base + path, [...route.methods.keys()]);
  const reader = changes.has(request.method) ? route.methods.get('GET') : undefined;
  return { ...endpoint, path: route.path, reader };
}

/** Methods that change what GET reads at the same path. */
const changes = new Set(['PUT', 'PATCH', 'DELETE']);

/** The same caller reading the resource that a call is about to change. */
function readingOf(call: RestRequest): RestRequest {
  return { ...call, query: {}, body: undefined, fields: {}, files: {} };
}

/** 405 with the methods that the path has. */
export class MethodNotAllowed extends SluiceError {
  readonly allow: string;

  constructor(method: string, path: string, allowed: readonly string[]) {
    super(errors.restMethodNotAllowed, { method, path });
    this.allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', ');
  }
}

async function readParameters(
  validation: RequestValidation,
  operation: DescribedOperation,
  path: Record<string, string>,
  request: FastifyRequest,
): Promise<Parameters> {
  const header: Record<string, unknown> = {};
  for (const parameter of operation.parameters) {
    if (parameter.in === 'header') header[parameter.name] = request.headers[parameter.name.toLowerCase()];
  }
  const parameters = { path: { ...path }, query: { ...(request.query as Record<string, unknown>) }, header };
  refuse(await validation.parameters(operation, parameters));
  return parameters;
}

function refuse(findings: readonly { readonly message: string }[]): void {
  if (findings.length === 0) return;
  throw new SluiceError(
    errors.invalidRequest,
    { detail: findings.map((finding) => finding.message).join('; ') },
    { details: findings.map((finding) => ({ code: errors.invalidRequest.code, message: finding.message })) },
  );
}
