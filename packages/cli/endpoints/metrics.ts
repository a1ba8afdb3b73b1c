import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EndpointState } from '@sluice/model';
import { series } from '../workers/metrics.ts';

/** As Synapse numbers the states (wso2-gateway.md 4.2). */
const numbers: Readonly<Record<EndpointState['state'], number>> = { active: 1, timeout: 2, suspended: 3, off: 4 };

/** Endpoints that are told of in one turn of the event loop. */
const atOnce = 1000;

type Values = (readonly [labels: string, value: number])[];

/** The endpoints in Prometheus text form; those that have had neither calls nor another state are left out, since there may be thousands. */
export async function endpointMetrics(endpoints: readonly EndpointState[]): Promise<string> {
  const states: Values = [];
  const rests: Values = [];
  const answers: Values = [];
  const faults: Values = [];
  let looked = 0;
  for (const endpoint of endpoints) {
    if (++looked % atOnce === 0) await nextTurn();
    if (endpoint.answers + endpoint.faults === 0 && endpoint.since === null) continue;
    const labels = labelsOf(endpoint);
    states.push([labels, numbers[endpoint.state]]);
    if (endpoint.nextTryIn !== null) rests.push([labels, endpoint.nextTryIn / 1000]);
    answers.push([labels, endpoint.answers]);
    faults.push([labels, endpoint.faults]);
  }
  const texts: string[] = [];
  for (const [name, type, help, values] of [
    ['state', 'gauge', 'State of an endpoint: 1 active, 2 timeout, 3 suspended, 4 off.', states],
    ['next_try_seconds', 'gauge', 'Time until calls go again to an endpoint that rests.', rests],
    ['answers_total', 'counter', 'Answers of backends, whatever their status.', answers],
    ['faults_total', 'counter', 'Faults of backends in the place of an answer.', faults],
  ] as const) {
    texts.push(series(`sluice_endpoint_${name}`, type, help, values));
    await nextTurn();
  }
  return texts.join('');
}

/** The id tells apart what has the same names in two organizations. */
function labelsOf({ api, name, id }: EndpointState): string {
  return `{api="${escaped(api)}",endpoint="${escaped(name)}",id="${escaped(id)}"}`;
}

/** Quotes, backslashes and ends of lines (Prometheus' text format). */
function escaped(text: string): string {
  return /["\\\n]/.test(text) ? text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n') : text;
}
