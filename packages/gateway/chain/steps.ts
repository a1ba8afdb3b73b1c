import type { DeployedApi, RuntimeOperation } from '@sluice/model';
import { refuseDenied, throttle } from '../throttling/step.ts';
import { authenticate } from './authenticate.ts';
import { answerPreflight } from './cors.ts';
import type { Exchange } from './exchange.ts';
import { chooseSide } from './key-type.ts';
import { countForwards } from './max-forwards.ts';
import { refuseMismatch } from './mismatch.ts';
import { checkScopes } from './scopes.ts';
import { send } from './send.ts';
import { grantSilence, hasSilence } from './silence.ts';
import { refuseBlocked } from './status.ts';
import { checkSubscription } from './subscription.ts';
import { checkTransport } from './transport-check.ts';
import { requireWebSocket } from './websocket.ts';

/** One step of a call. True goes on to the next; false ends the list, because the step has answered, sent, or failed the call. */
export type Step = (exchange: Exchange) => boolean;

/** The way of a call that fits an operation, from top to bottom; `when` is asked once, as the snapshot is built. */
const steps: readonly {
  readonly run: Step;
  readonly when?: (api: DeployedApi, operation: RuntimeOperation) => boolean;
}[] = [
  { run: grantSilence, when: hasSilence },
  { run: checkTransport, when: (api) => !(api.transport.includes('http') && api.transport.includes('https')) },
  { run: refuseBlocked, when: (api) => api.status === 'BLOCKED' },
  { run: requireWebSocket, when: (api) => api.type === 'WS' },
  { run: authenticate, when: isSecured },
  { run: checkSubscription, when: isSecured },
  { run: checkScopes, when: (api, operation) => isSecured(api, operation) && operation.scopes.length > 0 },
  { run: refuseDenied },
  { run: countForwards, when: (_, { verb }) => verb === 'OPTIONS' || verb === 'TRACE' },
  { run: chooseSide },
  // As late as can be: a call that is refused for anything else is not counted.
  { run: throttle },
  { run: send },
];

function isSecured(_: DeployedApi, operation: RuntimeOperation): boolean {
  return operation.authType !== 'None';
}

/** The steps that calls of this operation need; `further` are run when it is known who calls and with what right. */
export function stepsOf(api: DeployedApi, operation: RuntimeOperation, further: readonly Step[] = []): readonly Step[] {
  const needed = steps.filter(({ when }) => when === undefined || when(api, operation)).map(({ run }) => run);
  return needed.flatMap((run) => (run === refuseDenied ? [...further, run] : [run]));
}

/** The way of a call that fits no operation. Preflights are answered before anybody is asked who they are (wso2-gateway.md 6.3). */
export const unmatchedSteps: readonly Step[] = [checkTransport, answerPreflight, refuseMismatch];
