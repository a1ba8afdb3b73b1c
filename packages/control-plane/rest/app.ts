import multipart from '@fastify/multipart';
import { errors, type Log, SluiceError } from '@sluice/model';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { faultOf } from './faults.ts';
import { MethodNotAllowed } from './mount.ts';
import { send } from './reply.ts';

/**
 * The Fastify application that portals are mounted on. Bodies are left unread until an operation is known and its caller proven
 * (`body.ts`), and every failure, Fastify's own included, is answered in WSO2's form.
 */
export async function createRestApp(log: Log): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    // Validation is ours and lazy: without these two Fastify would load its compilers at every start, half of what it costs.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4096 },
    frameworkErrors: (error, _request, reply) => fail(reply as FastifyReply, error, log),
  });
  app.removeAllContentTypeParsers();
  await app.register(multipart);
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
  app.setErrorHandler((error, _request, reply) => fail(reply, error, log));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    return fail(reply, new SluiceError(errors.routeNotFound, { path }), log);
  });
  return app;
}

function noSchemas(): never {
  throw new Error('routes have no schemas of Fastify here: describe the operation instead');
}

function fail(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  const fault = faultOf(error, log);
  const headers: Record<string, string> = { ...fault.headers, 'content-type': 'application/json' };
  if (error instanceof MethodNotAllowed) headers.allow = error.allow;
  return send(reply, { status: fault.status, headers, body: Buffer.from(JSON.stringify(fault.body)) });
}
