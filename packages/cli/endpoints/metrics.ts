import type { EndpointState } from '@sluice/model';
import { series } from '../workers/metrics.ts';

/** As Synapse numbers the states (wso2-gateway.md 4.2). */
const numbers: Readonly<Record<EndpointState['status'], number>> = { active: 1, timeout: 2, suspended: 3, off: 4 };

/** The endpoints in Prometheus text form; those that have had neither calls nor another state are left out, since there may be thousands. */
export function endpointMetrics(endpoints: readonly EndpointState[]): string {
  const told = endpoints.filter(({ answers, faults, since }) => answers + faults > 0 || since !== null);
  const by = (value: (one: EndpointState) => number): [string, number][] =>
    told.map((one) => [labelsOf(one), value(one)]);
  const name = 'sluice_endpoint';
  return [
    series(
      `${name}_state`,
      'gauge',
      'State of an endpoint: 1 active, 2 timeout, 3 suspended, 4 off.',
      by(({ status }) => numbers[status]),
    ),
    series(
      `${name}_next_try_seconds`,
      'gauge',
      'Time until calls go again to an endpoint that rests.',
      by(({ nextTryIn }) => (nextTryIn ?? 0) / 1000),
    ),
    series(
      `${name}_answers_total`,
      'counter',
      'Answers of backends, whatever their status.',
      by(({ answers }) => answers),
    ),
    series(
      `${name}_faults_total`,
      'counter',
      'Faults of backends in the place of an answer.',
      by(({ faults }) => faults),
    ),
  ].join('');
}

/** The id tells apart what has the same names in two organizations. */
function labelsOf({ api, name, id }: EndpointState): string {
  return `{api="${escaped(api)}",endpoint="${escaped(name)}",id="${escaped(id)}"}`;
}

/** Quotes, backslashes and ends of lines (Prometheus' text format). */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
