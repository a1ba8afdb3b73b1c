import { errors, SluiceError } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { FastifyInstance } from 'fastify';

export interface ProbeOptions {
  readonly store: Pick<Store, 'ping'>;
  /** Version of the program. */
  readonly version: string;
  /** True once the gateway that belongs to this control plane serves. */
  readonly gatewayReady: () => boolean | Promise<boolean>;
  /** Metrics in Prometheus text form. */
  readonly metrics: () => string | Promise<string>;
  /** True once the server has begun to stop. */
  readonly stopping: () => boolean;
}

/** Many load balancers probe with HEAD. */
const probe = { exposeHeadRoute: true };

/** Milliseconds in which the database must answer. */
const patience = 2000;

/** What load balancers, orchestrators and monitors ask. */
export function mountProbes(app: FastifyInstance, options: ProbeOptions): void {
  app.get('/healthz', probe, async () => ({ status: 'up' }));

  app.get('/readyz', probe, async () => {
    if (options.stopping()) throw new SluiceError(errors.serverStopping);
    await answers(options.store);
    return { status: 'ready' };
  });

  // Metrics tell about load and versions: they stay on the plain port, which is the inner one.
  app.get('/metrics', async (request, reply) => {
    if (request.protocol === 'https') throw new SluiceError(errors.routeNotFound, { path: '/metrics' });
    return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(await options.metrics());
  });

  // Polled by load balancers made for WSO2, which look at the status and the name.
  app.get('/services/Version', probe, async (_request, reply) =>
    reply
      .header('content-type', 'application/xml; charset=utf-8')
      .send(
        `<ns:getVersionResponse xmlns:ns="http://version.services.core.carbon.wso2.org"><return>Sluice-${options.version}</return></ns:getVersionResponse>`,
      ),
  );

  app.get('/api/am/gateway/v2/server-startup-healthcheck', probe, async (_request, reply) => {
    if (!(await options.gatewayReady())) throw new SluiceError(errors.gatewayNotReady);
    return reply.header('content-type', 'text/plain').send('OK');
  });
}

async function answers(store: Pick<Store, 'ping'>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SluiceError(errors.storeUnavailable, { reason: 'no answer' })), patience);
  });
  try {
    await Promise.race([store.ping(), late]);
  } finally {
    clearTimeout(timer);
  }
}
