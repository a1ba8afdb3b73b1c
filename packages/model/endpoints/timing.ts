import type { LeafEndpoint, TimeoutAction } from '../endpoint.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { isExpression, parseExpression } from './duration.ts';
import { asObject, choice, factor, wholeNumber } from './scalars.ts';
import { formatTimeouts, parseEndpointTimeouts } from './timeouts.ts';

/** The part of a leaf that WSO2's advanced `config` object governs. */
export type Timing = Pick<LeafEndpoint, 'timeout' | 'timeouts' | 'markForSuspension' | 'suspendOnFailure' | 'retry'>;

/** What a leaf without `config` does: faults when the global duration is over, suspends for 30 s on any failure. */
export const defaultTiming: Timing = {
  timeout: { duration: null, action: 'fault' },
  markForSuspension: { errorCodes: [], retriesBeforeSuspension: 0, retryDelay: 0 },
  suspendOnFailure: {
    errorCodes: [],
    initialDuration: null,
    maximumDuration: null,
    progressionFactor: 1,
    disabled: false,
  },
};

/** WebSocket leaves take neither timeout nor suspension rules from `config`. */
export const socketTiming: Timing = { ...defaultTiming, timeout: { duration: null, action: 'never' } };

/** The only code of a list that matches nothing (wso2-gateway.md 4.2). */
const noCode = ['-1'];
const maxCodes = 200;
const actions = { fault: 'fault', discard: 'discard', neverTimeout: 'never', never: 'never' } as const;
const milliseconds = { unit: 'milliseconds' };

/** Reads `config` (wso2-gateway.md 5.2). Misspelt names are WSO2's: `retryErroCode` are codes, `retryTimeOut` is a count. */
export function parseTiming(config: JsonObject, path: string, findings: Findings): Timing {
  const suspendDuration = wholeNumber(config, 'suspendDuration', path, findings, milliseconds);
  const disabled = suspendDuration === 0;
  const spelling = config.retryErroCode === undefined ? 'retryErrorCode' : 'retryErroCode';
  const markCodes = codes(config[spelling], member(path, spelling), findings);
  const suspendCodes = codes(config.suspendErrorCode, member(path, 'suspendErrorCode'), findings);
  const timeouts = parseEndpointTimeouts(config.timeouts, member(path, 'timeouts'), findings);
  return {
    timeout: parseTimeout(config, path, findings),
    ...(timeouts && { timeouts }),
    markForSuspension: {
      errorCodes: disabled ? noCode : markCodes,
      retriesBeforeSuspension: wholeNumber(config, 'retryTimeOut', path, findings, { unit: 'retries' }) ?? 0,
      retryDelay: wholeNumber(config, 'retryDelay', path, findings, milliseconds) ?? 0,
    },
    suspendOnFailure: {
      errorCodes: disabled ? noCode : suspendCodes,
      initialDuration: suspendDuration ?? null,
      maximumDuration: wholeNumber(config, 'suspendMaxDuration', path, findings, milliseconds) ?? null,
      progressionFactor: factor(config, 'factor', path, findings) ?? 1,
      disabled,
    },
    ...parseRetry(config, path, findings),
  };
}

/** `retryConfig`, by the names of Synapse's XML: WSO2's form lacks it. */
function parseRetry(config: JsonObject, path: string, findings: Findings): Pick<Timing, 'retry'> {
  const value = config.retryConfig;
  if (value === undefined || value === null || value === '') return {};
  const where = member(path, 'retryConfig');
  const source = asObject(value);
  if (source === undefined) {
    findings.error(where, value, 'an object', 'Give disabledErrorCodes or enabledErrorCodes in it.');
    return {};
  }
  const disabledErrorCodes = codes(source.disabledErrorCodes, member(where, 'disabledErrorCodes'), findings);
  const enabledErrorCodes = codes(source.enabledErrorCodes, member(where, 'enabledErrorCodes'), findings);
  if (disabledErrorCodes.length === 0 && enabledErrorCodes.length === 0) return {};
  return { retry: { disabledErrorCodes, enabledErrorCodes } };
}

/** WSO2's template wants both members; with one alone the global duration stays and the action is `fault`. */
function parseTimeout(config: JsonObject, path: string, findings: Findings): Timing['timeout'] {
  const action: TimeoutAction | undefined = choice(config, 'actionSelect', path, findings, actions);
  if (action === 'never') return { duration: null, action };
  if (action !== undefined && isExpression(config.actionDuration)) {
    const expression = parseExpression(config, 'actionDuration', path, findings);
    return expression === undefined ? defaultTiming.timeout : { duration: null, action, expression };
  }
  const duration = wholeNumber(config, 'actionDuration', path, findings, milliseconds);
  if (action !== undefined && duration !== undefined && duration > 0) return { duration, action };
  if (action === 'discard' || (duration !== undefined && duration > 0)) {
    findings.warning(
      member(path, action === undefined ? 'actionSelect' : 'actionDuration'),
      undefined,
      action === undefined ? 'fault, discard or neverTimeout' : 'a duration above 0',
      'Give both; without them the endpoint faults after the global duration.',
    );
  }
  return defaultTiming.timeout;
}

/** A list of error codes; numbers, and one text with commas, are taken too. */
function codes(value: Json | undefined, path: string, findings: Findings): readonly string[] {
  if (value === undefined || value === null || value === '') return [];
  const items = typeof value === 'string' ? value.split(',', maxCodes + 1) : Array.isArray(value) ? value : [value];
  if (items.length > maxCodes) {
    findings.error(path, value, `at most ${maxCodes} codes`, 'Name fewer codes.');
    return [];
  }
  const result = new Set<string>();
  for (const [index, item] of items.entries()) {
    const code = typeof item === 'number' ? String(item) : typeof item === 'string' ? item.trim() : '';
    if (code === '' && typeof item === 'string') continue;
    if (/^-?\d{1,9}$/.test(code)) result.add(code);
    else findings.error(member(path, index), item, 'an error code such as 101503', 'Remove the entry or correct it.');
  }
  return [...result];
}

/** The `config` object of a leaf, or undefined where it would say nothing. Numbers become strings, as the publisher writes them. */
export function formatTiming(timing: Timing): JsonObject | undefined {
  const { timeout, markForSuspension: mark, suspendOnFailure: suspend, retry } = timing;
  const config: JsonObject = {};
  if (timeout.action === 'never') config.actionSelect = 'neverTimeout';
  else if (timeout.duration !== null || timeout.expression !== undefined) {
    config.actionSelect = timeout.action;
    config.actionDuration = timeout.expression?.text ?? String(timeout.duration);
  }
  const timeouts = formatTimeouts(timing.timeouts);
  if (timeouts !== undefined) config.timeouts = timeouts;
  if (mark.errorCodes.length > 0 && !suspend.disabled) config.retryErroCode = [...mark.errorCodes];
  if (mark.retriesBeforeSuspension > 0) config.retryTimeOut = String(mark.retriesBeforeSuspension);
  if (mark.retryDelay > 0) config.retryDelay = String(mark.retryDelay);
  if (suspend.errorCodes.length > 0 && !suspend.disabled) config.suspendErrorCode = [...suspend.errorCodes];
  if (suspend.disabled) config.suspendDuration = '0';
  else if (suspend.initialDuration !== null) config.suspendDuration = String(suspend.initialDuration);
  if (suspend.maximumDuration !== null) config.suspendMaxDuration = String(suspend.maximumDuration);
  if (suspend.progressionFactor !== 1) config.factor = decimal(suspend.progressionFactor);
  if (retry !== undefined) config.retryConfig = writtenRetry(retry);
  return Object.keys(config).length === 0 ? undefined : config;
}

function writtenRetry({ disabledErrorCodes, enabledErrorCodes }: NonNullable<Timing['retry']>): JsonObject {
  return {
    ...(disabledErrorCodes.length > 0 && { disabledErrorCodes: [...disabledErrorCodes] }),
    ...(enabledErrorCodes.length > 0 && { enabledErrorCodes: [...enabledErrorCodes] }),
  };
}

/** Exponents are not part of the form; factors that small or large are written as JSON numbers. */
function decimal(value: number): Json {
  const written = String(value);
  return /^\d{1,15}(\.\d{1,15})?$/.test(written) ? written : value;
}
