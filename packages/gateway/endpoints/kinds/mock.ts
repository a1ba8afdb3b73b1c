import { errors, type MockAnswer } from '@sluice/model';
import { corsLines } from '../../chain/cors.ts';
import type { Exchange } from '../../chain/exchange.ts';
import { fail } from '../../chain/fault.ts';
import { type Group, Readiness, type Sender } from '../sender.ts';
import { queryValue } from '../variables.ts';

const bodyTypes = { json: 'application/json; charset=UTF-8', xml: 'application/xml; charset=UTF-8' } as const;

/** No backend: answers are those that the control plane made up from the API's definition (wso2-policies-and-kinds.md 7). */
export class Mock implements Sender {
  readonly name: string;
  parent: Group | null = null;
  readonly readyAt = 0;
  readonly load = 0;

  constructor(name: string) {
    this.name = name;
  }

  readiness(): Readiness {
    return Readiness.ready;
  }

  send(exchange: Exchange): boolean {
    const answers = exchange.operation?.source.mock ?? [];
    const { head } = exchange.call;
    const asked = queryValue(head.query, 'responseCode');
    const answer = asked === undefined ? answers[0] : chosen(answers, asked);
    if (answer === undefined) {
      const detail = asked === undefined ? '' : ` with the status ${JSON.stringify(asked.slice(0, 20))}`;
      fail(exchange, errors.mockAnswerUndefined, { detail });
      return true;
    }
    const kind = bodyKind(answer, head.header('accept'));
    const status = statusOf(answer, asked);
    // RFC 9110 section 15.3.5 and 15.4.5: there is no body, whatever the definition has.
    const body = kind === undefined || status === 204 || status === 304 ? '' : (answer[kind] ?? '');
    const type = body === '' || kind === undefined ? '' : `Content-Type: ${bodyTypes[kind]}\r\n`;
    exchange.call.reply(status, type + corsLines(exchange), body);
    return true;
  }
}

/** The answer with that status, that of its class, or the default one. */
function chosen(answers: readonly MockAnswer[], asked: string): MockAnswer | undefined {
  if (!/^[1-5]\d\d$/.test(asked)) return undefined;
  const named = (status: string) => answers.find((answer) => answer.status === status);
  return named(asked) ?? named(`${asked[0]}XX`) ?? named('default');
}

function statusOf({ status }: MockAnswer, asked: string | undefined): number {
  const code = Number(/^\d{3}$/.test(status) ? status : (asked ?? (status === 'default' ? '200' : `${status[0]}00`)));
  // An interim answer is none (RFC 9110 section 15.2).
  return Math.max(code, 200);
}

/** As asked for by `Accept`, else JSON, else XML. */
function bodyKind({ json, xml }: MockAnswer, accept = ''): 'json' | 'xml' | undefined {
  if (xml !== undefined && /\bxml\b/i.test(accept) && !/\bjson\b/i.test(accept)) return 'xml';
  if (json !== undefined) return 'json';
  return xml === undefined ? undefined : 'xml';
}
