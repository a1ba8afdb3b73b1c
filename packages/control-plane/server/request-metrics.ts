import type { FastifyInstance } from 'fastify';

/** Upper bounds of the duration classes, in seconds. */
const bounds = [0.005, 0.025, 0.1, 0.5, 2.5, 10];

interface Series {
  count: number;
  seconds: number;
  readonly within: number[];
}

/** Counts the requests of an application by method, portal and class of status. The labels come from fixed sets, so the number of series is bounded. */
export class RequestMetrics {
  readonly #series = new Map<string, Series>();

  constructor(app: FastifyInstance) {
    app.addHook('onResponse', async (request, reply) => {
      const portal = /^\/api\/am\/(\w+)\//.exec(request.routeOptions.url ?? '')?.[1] ?? 'other';
      const labels = `method="${request.method}",portal="${portal}",status="${Math.floor(reply.statusCode / 100)}xx"`;
      this.#count(labels, reply.elapsedTime / 1000);
    });
  }

  #count(labels: string, seconds: number): void {
    const series = this.#series.get(labels) ?? { count: 0, seconds: 0, within: bounds.map(() => 0) };
    this.#series.set(labels, series);
    series.count++;
    series.seconds += seconds;
    for (const [index, bound] of bounds.entries())
      if (seconds <= bound) series.within[index] = (series.within[index] ?? 0) + 1;
  }

  /** Prometheus text form. */
  text(): string {
    const name = 'sluice_rest_request_duration_seconds';
    const lines = [`# HELP ${name} Time to answer a request of the control plane.`, `# TYPE ${name} histogram`];
    for (const [labels, series] of this.#series) {
      for (const [index, bound] of bounds.entries()) {
        lines.push(`${name}_bucket{${labels},le="${bound}"} ${series.within[index]}`);
      }
      lines.push(`${name}_bucket{${labels},le="+Inf"} ${series.count}`);
      lines.push(`${name}_sum{${labels}} ${series.seconds.toFixed(6)}`, `${name}_count{${labels}} ${series.count}`);
    }
    const memory = process.memoryUsage.rss();
    lines.push('# HELP process_resident_memory_bytes Resident memory.', '# TYPE process_resident_memory_bytes gauge');
    lines.push(`process_resident_memory_bytes ${memory}`);
    return `${lines.join('\n')}\n`;
  }
}
