import type { FailureStatistics, PriorityStatistics, ThrottlingStatistics } from '@sluice/gateway';
import type { WorkersStatistics } from './supervisor.ts';

/** The counters of the data plane in Prometheus text form. */
export function gatewayMetrics(statistics: WorkersStatistics): string {
  const { calls, refused, swaps, inFlight, connections, paused, pauses, workers, crashed, stuck } = statistics;
  const { callsTakenOver, callsOverBudget } = statistics;
  return [
    counter('sluice_gateway_calls_total', 'Calls received.', calls),
    counter('sluice_gateway_refused_total', 'Calls that the gateway itself answered with an error.', refused),
    counter(
      'sluice_gateway_picture_swaps_total',
      'Pictures of the configuration put in force, in all processes.',
      swaps,
    ),
    gauge('sluice_gateway_calls_in_flight', 'Calls that are being answered.', inFlight),
    counter('sluice_gateway_websockets_total', 'Calls that became WebSockets.', statistics.webSockets),
    gauge(
      'sluice_gateway_websockets',
      'Open WebSockets; they count as calls in flight too.',
      statistics.openWebSockets,
    ),
    gauge('sluice_gateway_connections', 'Open client connections.', connections),
    gauge('sluice_gateway_deadlines', 'Deadlines that are armed.', statistics.deadlines),
    gauge(
      'sluice_gateway_accepting',
      'Whether connections are accepted; 0 while the most are open.',
      paused >= Math.max(1, workers) ? 0 : 1,
    ),
    counter('sluice_gateway_accept_pauses_total', 'Pauses in accepting, in all processes.', pauses),
    gauge('sluice_gateway_workers', 'Processes that serve calls; 0 when the main process does.', workers),
    series('sluice_gateway_worker_restarts_total', 'counter', 'Processes that were replaced.', [
      ['{reason="crash"}', crashed],
      ['{reason="stuck"}', stuck],
    ]),
    ...backendMetrics(statistics),
    counter(
      'sluice_gateway_calls_taken_over_total',
      'Times another member of a group took a call over.',
      callsTakenOver,
    ),
    counter(
      'sluice_gateway_calls_over_budget_total',
      'Calls that no other member got because the budget for further attempts was spent.',
      callsOverBudget,
    ),
    ...failureMetrics(statistics.failures),
    ...(statistics.priorities?.length ? priorityMetrics(statistics.priorities) : []),
    ...(statistics.throttling ? throttlingMetrics(statistics.throttling) : []),
  ].join('');
}

/** Connections to backends. */
function backendMetrics(statistics: WorkersStatistics): string[] {
  const { backendConnections, backendIdle, backendConnecting } = statistics;
  const name = 'sluice_gateway_backend';
  return [
    series(`${name}_connections`, 'gauge', 'Connections to backends.', [
      ['{state="busy"}', backendConnections - backendIdle - backendConnecting],
      ['{state="idle"}', backendIdle],
      ['{state="connecting"}', backendConnecting],
    ]),
    gauge(`${name}_waiting`, 'Calls that wait for a connection to their backend.', statistics.backendWaiting),
    counter(`${name}_opened_total`, 'Connections to backends that were opened.', statistics.backendOpened),
    counter(`${name}_failed_total`, 'Attempts to open one that failed.', statistics.backendFailed),
    counter(
      `${name}_lookups_failed_total`,
      'Lookups of names of backends that failed, also where old addresses served.',
      statistics.backendLookupsFailed,
    ),
  ];
}

/** Names are rows of the error catalogue and the few ways in which a call can end, so that there is a bound to them. */
function failureMetrics({ calls, faults }: FailureStatistics): string[] {
  const byCause = (counts: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(counts)
      .toSorted()
      .map(([cause, count]) => [`{cause="${cause}"}`, count]);
  const name = 'sluice_gateway';
  return [
    series(
      `${name}_failed_calls_total`,
      'counter',
      'Calls that the gateway answered with an error, that broke off, or that another endpoint rescued, by cause.',
      byCause(calls),
    ),
    series(`${name}_backend_faults_total`, 'counter', 'Attempts at backends that failed, by cause.', byCause(faults)),
  ];
}

/** Where calls in flight are bounded. */
function priorityMetrics(priorities: readonly PriorityStatistics[]): string[] {
  const by = (value: (one: PriorityStatistics) => number): [string, number][] =>
    priorities.map((one) => [`{priority="${one.priority}"}`, value(one)]);
  const sentAway = priorities.flatMap(({ priority, full, late }): [string, number][] => [
    [`{priority="${priority}",reason="full"}`, full],
    [`{priority="${priority}",reason="late"}`, late],
  ]);
  const name = 'sluice_gateway_admission';
  return [
    series(
      `${name}_in_flight`,
      'gauge',
      'Calls let in that are not over.',
      by((one) => one.inFlight),
    ),
    series(
      `${name}_queued`,
      'gauge',
      'Calls that wait to be let in.',
      by((one) => one.queued),
    ),
    series(
      `${name}_rejected_total`,
      'counter',
      'Calls answered 503: their queue was full, or their time in it over.',
      sentAway,
    ),
  ];
}

/** What limits and deny policies did to calls. */
function throttlingMetrics({ levels, waited, unasked }: ThrottlingStatistics): string[] {
  const name = 'sluice_throttle';
  return [
    series(
      `${name}_decisions_total`,
      'counter',
      'Calls by level: admitted, passed beyond a quota that does not stop them, refused.',
      levels.flatMap(({ level, admitted, passed, refused }): [string, number][] => [
        [`{level="${level}",outcome="admitted"}`, admitted],
        [`{level="${level}",outcome="passed"}`, passed],
        [`{level="${level}",outcome="refused"}`, refused],
      ]),
    ),
    counter(`${name}_waits_total`, 'Calls that waited for the word of the authority.', waited),
    counter(`${name}_unasked_total`, 'Calls that were refused since the authority did not answer.', unasked),
  ];
}

function counter(name: string, help: string, value: number): string {
  return series(name, 'counter', help, [['', value]]);
}

function gauge(name: string, help: string, value: number): string {
  return series(name, 'gauge', help, [['', value]]);
}

/** One metric with its values by label. */
export function series(
  name: string,
  type: string,
  help: string,
  values: readonly (readonly [string, number])[],
): string {
  const lines = values.map(([labels, value]) => `${name}${labels} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
