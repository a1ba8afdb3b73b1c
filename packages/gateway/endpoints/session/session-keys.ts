import { hash } from 'node:crypto';
import type { LoadBalanceEndpoint } from '@sluice/model';
import type { Exchange } from '../../chain/exchange.ts';
import type { ResponseHead } from '../../transport/call.ts';

export type SessionType = NonNullable<LoadBalanceEndpoint['session']>['type'];

/** Parts of the names by which cookies are taken for those of a session, as Synapse takes them. */
const cookieNames = ['JSESSIONID', 'PHPSESSID', 'phpMyAdmin', 'wordpress_test_cookie'];
/** Cookies of one message that are looked at. */
const mostCookies = 16;

/** Where calls and answers say which session they belong to. The values are hashed: they are secrets, of any length, and tables of them are kept and handed around. */
export interface SessionKeys {
  /** The body of the request has to be there first. */
  readonly readsBody: boolean;
  /** Whoever calls gives the session its name; else the backend does with its first answer. */
  readonly byClient: boolean;
  /** Keys that the request names. */
  of(exchange: Exchange): readonly string[];
  /** Keys that the head of an answer gives. */
  given(head: ResponseHead): readonly string[];
}

const none: readonly string[] = [];

export const sessionKeys: Readonly<Record<SessionType, SessionKeys>> = {
  http: {
    readsBody: false,
    byClient: false,
    of: ({ call }) => {
      const header = call.head.header('cookie');
      return header === undefined ? none : header.split(';', mostCookies).flatMap(cookieKey);
    },
    given: (head) => {
      const keys: string[] = [];
      head.eachHeader((name, value) => {
        if (keys.length < mostCookies && name.length === 10 && name.toLowerCase() === 'set-cookie') {
          keys.push(...cookieKey(value.split(';', 1)[0] as string));
        }
      });
      return keys;
    },
  },
  soap: {
    readsBody: true,
    byClient: false,
    of: ({ soapSession }) => keyOf(soapSession?.serviceGroup),
    given: () => none,
  },
  simpleClientSession: {
    readsBody: true,
    byClient: true,
    of: ({ soapSession }) => keyOf(soapSession?.client),
    given: () => none,
  },
};

/** Key of a cookie `name=value`, where it is one of a session and not empty. */
function cookieKey(pair: string): readonly string[] {
  const equals = pair.indexOf('=');
  if (equals === -1 || equals === pair.trimEnd().length - 1) return none;
  const name = pair.slice(0, equals);
  return cookieNames.some((part) => name.includes(part)) ? keyOf(pair.trim()) : none;
}

/** Key of what a session calls itself. */
export function keyOf(name: string | undefined): readonly string[] {
  return name === undefined || name === '' ? none : [hash('sha256', name, 'base64url')];
}
