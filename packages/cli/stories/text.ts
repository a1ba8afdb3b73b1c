import type { CallStory, StayReason, StoryAttempt, StoryDeadline, StoryEndpoint, StoryFault } from '@sluice/model';
import { printable } from '../terminal/columns.ts';

/** The story of a call as people read it, from its beginning to its end. */
export function storyText(story: CallStory): string {
  return [
    ...headOf(story),
    ...story.attempts.flatMap((attempt, index) => ['', ...attemptLines(attempt, index + 1)]),
    ...(story.leftOut > 0 ? ['', `${story.leftOut} further attempts are not told.`] : []),
    '',
    ...endOf(story),
    ...(story.endpoints.length > 0 ? ['', 'Endpoints when it was over:', ...story.endpoints.map(endpointLine)] : []),
    '',
  ]
    .map(printable)
    .join('\n');
}

function headOf(story: CallStory): string[] {
  const { id, startedAt, process, client, method, path, api, operation, application, keyType, correlation } = story;
  const called = [api, operation].filter((part) => part !== undefined).join(', ');
  return [
    `Call ${id}`,
    `  ${new Date(startedAt).toISOString()}  ${method} ${path} from ${client}, process ${process}`,
    ...(called === '' ? ['  no API was found for it'] : [`  API ${called}, ${keyType?.toLowerCase()} side`]),
    ...(application === undefined ? [] : [`  application ${application}`]),
    ...(correlation === undefined ? [] : [`  correlation ${correlation}`]),
  ];
}

function attemptLines(attempt: StoryAttempt, number: number): string[] {
  const {
    endpoint,
    backend,
    began,
    took,
    status,
    firstByte,
    fault,
    connection,
    connected,
    pending,
    phaseName,
    resent,
  } = attempt;
  const [next] = pending;
  return [
    `${ms(began)}  attempt ${number}: endpoint ${endpoint}, ${backend}`,
    ...(connection === 'new' && connected !== undefined ? [`${ms(began + connected)}  a new connection stood`] : []),
    ...(resent ? [`${blank}  sent again over a new connection: the first one had been given up`] : []),
    ...(connection === 'kept' ? [`${ms(began)}  over a connection that was kept from earlier calls`] : []),
    ...(status === undefined ? [] : [`${ms(began + (firstByte ?? took))}  it answered ${status}`]),
    ...(fault === undefined && phaseName !== undefined ? [`${ms(began + took)}  broken off ${phaseName}`] : []),
    ...(fault === undefined ? [] : faultLines(fault, began + took, phaseName)),
    ...(next === undefined ? [] : [`${blank}  next would have fired: ${deadlineText(next)}`]),
  ];
}

function faultLines(fault: StoryFault, at: number, phaseName: string | undefined): string[] {
  const { cause, code, baseCode, message, fired, wentOn, stayed } = fault;
  const sum = code === baseCode ? String(code) : `${code} = ${baseCode} + ${code - baseCode}`;
  const then = wentOn ? 'another endpoint took the call over' : reasons[stayed ?? 'none-left'];
  return [
    `${ms(at)}  failed ${phaseName ?? ''}: ${cause} (${sum})`,
    `${blank}  ${message}`,
    ...(fired === undefined ? [] : [`${blank}  fired: ${deadlineText(fired)}`]),
    `${blank}  ${then}`,
  ];
}

const reasons: Readonly<Record<StayReason, string>> = {
  unsafe: 'it stays there: the backend may have acted on the request, so that it must not be sent twice',
  alone: 'there is no other endpoint to go to',
  'retry-codes': "it stays there: the endpoint's retry codes say so",
  'no-failover': 'it stays there: its group does not fail over',
  session: 'it stays there: its session is bound to the endpoint',
  same: 'it stays there: another endpoint would fail in the same way',
  budget: 'it stays there: the budget for further attempts is spent',
  'none-left': 'no other endpoint is ready that was not tried',
};

function deadlineText({ name, value, at, setting, origin }: StoryDeadline): string {
  return `${name}, ${value} ms, at ${Math.round(at)} ms of the attempt; ${setting} (${origin})`;
}

function endOf({ status, end, duration, error }: CallStory): string[] {
  const answered = status === 0 ? 'without an answer' : `with status ${status}`;
  const how = end === 'complete' ? '' : `, ${ends[end] ?? end}`;
  if (error === undefined) return [`${ms(duration)}  over, ${answered}${how}`];
  const { cause, code, description, remedy, setting, value, origin } = error;
  const governed =
    setting === undefined
      ? []
      : [`${blank}  setting ${setting}${value === undefined ? '' : ` = ${value}`} (${origin})`];
  return [
    `${ms(duration)}  over, ${answered}${how}: ${cause} (${code})`,
    `${blank}  ${description}`,
    ...governed,
    `${blank}  ${remedy}`,
  ];
}

const ends: Readonly<Record<string, string>> = {
  'client-closed': 'the client went away',
  'client-timeout': 'the client was silent for too long',
  'backend-closed': 'the answer broke off in its middle',
  aborted: 'the gateway closed the connection of the client',
};

function endpointLine({ name, url, state, cause, reason, retryIn }: StoryEndpoint): string {
  const why = cause === 0 ? '' : ` after ${reason} (${cause})`;
  const next =
    retryIn === undefined
      ? ''
      : retryIn === null
        ? ', until it is switched on'
        : `, tried again in ${Math.round(retryIn)} ms`;
  return `  ${name}  ${url}  ${state}${why}${next}`;
}

const blank = ' '.repeat(10);

function ms(millis: number): string {
  return `${millis.toFixed(1).padStart(7)} ms`;
}
