import type { TransportCase } from '../case.ts';
import { backendFaults } from './backend-faults.ts';
import { chunkedBodies } from './chunked.ts';
import { clientsGone } from './client-gone.ts';
import { connections } from './connection.ts';
import { backendDeadlines } from './deadlines-backend.ts';
import { clientDeadlines } from './deadlines-client.ts';
import { earlyAnswers } from './early-answer.ts';
import { expectation } from './expect.ts';
import { fieldSyntax } from './field-syntax.ts';
import { forwarding } from './forwarding.ts';
import { halfCloses } from './half-close.ts';
import { host } from './host.ts';
import { interim } from './interim.ts';
import { limits } from './limits.ts';
import { overTls } from './over-tls.ts';
import { pipelining } from './pipelining.ts';
import { poolRaces } from './pool-race.ts';
import { requestFraming } from './request-framing.ts';
import { requestLine } from './request-line.ts';
import { responseFraming } from './response-framing.ts';
import { responseHeads } from './response-head.ts';

/** The table: every case, theme by theme. */
export const cases: readonly TransportCase[] = [
  ...requestLine,
  ...fieldSyntax,
  ...host,
  ...requestFraming,
  ...chunkedBodies,
  ...limits,
  ...expectation,
  ...interim,
  ...responseHeads,
  ...responseFraming,
  ...forwarding,
  ...connections,
  ...pipelining,
  ...earlyAnswers,
  ...clientsGone,
  ...halfCloses,
  ...overTls,
  ...backendFaults,
  ...poolRaces,
  ...clientDeadlines,
  ...backendDeadlines,
];
