import { errors } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import type { ResponseHead } from '../transport/call.ts';
import { readChallenges } from './challenge.ts';

/** Whether an answer 401 is about the password that the endpoint has, so that it is not the client's to see. */
export function challengesBasic(head: ResponseHead): boolean {
  return readChallenges(head.header('www-authenticate') ?? '').some(({ scheme }) => scheme === 'basic');
}

/** The client's own credentials were right: it is told that the gateway's are not. */
export function refusedBasic(exchange: Exchange): void {
  fail(exchange, errors.backendCredentialsRefused, { scheme: 'Basic', backend: exchange.host });
}
