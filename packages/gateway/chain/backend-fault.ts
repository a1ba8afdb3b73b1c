import { errors, phaseName } from '@sluice/model';
import { monotonic } from '../deadlines/clock.ts';
import type { Leaf } from '../endpoints/leaf.ts';
import { failOver } from '../endpoints/sender.ts';
import { type AttemptNote, CallNotes } from '../story/notes.ts';
import type { BackendFault, FaultKind } from '../transport/call.ts';
import { correlationOf } from './correlation.ts';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';
import { faultRow } from './fault-row.ts';

/** Faults of the gateway's own bounds: no reason to suspend a backend that has done nothing wrong. */
const own: ReadonlySet<FaultKind> = new Set(['pool-full', 'queue-full', 'response-too-large']);

/** Seconds to wait before a busy pool is worth another try: a slot comes free with every answer of the backend. */
const poolRetrySeconds = 1;

/** A client that wants its answer at once must not have the endpoint suspended for all the others. */
function isImpatience(leaf: Leaf, { kind, deadline }: BackendFault): boolean {
  return kind === 'timeout' && deadline?.name === 'endpoint' && leaf.deadlines.isSaid;
}

/** A backend failed: another member of its group takes over, or the client is told. */
export function onBackendFault(exchange: Exchange, fault: BackendFault): void {
  const { leaf, call, settings } = exchange;
  const { entry, code } = faultRow(fault);
  // Synapse forgets a call that no action is given for: neither its endpoint nor a group hears of it (wso2-gateway.md 3).
  const forgotten = fault.kind === 'timeout' && leaf?.action === 'never';
  if (leaf !== null && (forgotten || isImpatience(leaf, fault))) leaf.record.faults++;
  else if (leaf !== null && !own.has(fault.kind)) leaf.record.failed(code, entry.key);
  let attempt: AttemptNote | null = null;
  if (leaf !== null) {
    exchange.notes ??= new CallNotes(false);
    attempt = exchange.notes.fails(exchange, leaf, fault, monotonic());
    attempt.wentOn = !forgotten && failOver(exchange, leaf, fault, code);
    if (attempt.wentOn) return;
  }
  exchange.affinity?.failed();
  settings.faultLog.record(Date.now(), {
    request: call.id,
    correlation: correlationOf(exchange),
    cause: entry.key,
    api: exchange.api?.label,
    endpoint: leaf?.name,
    backend: `${exchange.route.host}:${exchange.route.port}`,
    code,
    phase: phaseName(fault.phase),
    elapsed: Math.round(fault.elapsed),
    deadline: settings.stories.fired(attempt),
    limit: fault.limit,
    detail: fault.message,
  });
  // A timeout whose action is to drop the message leaves the client without an answer, but not with an open connection.
  if (fault.kind === 'timeout' && leaf !== null && leaf.action !== 'fault') {
    exchange.cause = entry.key;
    call.abort();
    return;
  }
  if (exchange.affinity?.isBound && !own.has(fault.kind)) {
    // In the middle of a session the code says no more than that (wso2-gateway.md 4.8); log and story name the fault.
    fail(exchange, errors.sessionFailed);
    return;
  }
  fail(
    exchange,
    entry,
    { limit: fault.limit ?? fault.deadline?.value ?? 0 },
    {
      code,
      ...(fault.kind === 'pool-full' || fault.kind === 'queue-full' ? { retryAfter: poolRetrySeconds } : {}),
    },
  );
}
