import type { AskedCall } from './asked-call.ts';
import { qualifiedUser } from './user-name.ts';

/** Where the claims of WSO2's tokens for backends are named. */
const dialect = 'http://wso2.org/claims/';

/** What those claims say, for conditions that were written for them: this gateway asks tokens of clients, which have few of them. */
const ofCall: Readonly<Record<string, (call: AskedCall) => string | undefined>> = {
  subscriber: ({ application }) => application?.source.owner,
  applicationid: ({ application }) => application?.source.id,
  applicationUUId: ({ application }) => application?.source.id,
  applicationname: ({ application }) => application?.source.name,
  applicationtier: ({ application }) => application?.source.plan,
  apiname: ({ api }) => api?.source.name,
  apicontext: ({ api }) => api?.source.basePath,
  version: ({ api }) => api?.source.version,
  tier: ({ api, application }) => application?.subscriptions.get(api?.source.id ?? '')?.source.plan,
  keytype: ({ keyType }) => keyType,
  usertype: ({ token }) => token?.bearer,
  enduser: ({ token, application, api }) =>
    token === null
      ? undefined
      : qualifiedUser(token.user, application?.source.organization ?? api?.source.organization ?? ''),
};

/** A claim of the call's token, or what WSO2 would tell the backend under that name; undefined where there is none. */
export function claimOf(call: AskedCall, name: string): string | undefined {
  const own = call.token?.claim(name);
  if (own !== undefined || !name.startsWith(dialect)) return own;
  const short = name.slice(dialect.length);
  return Object.hasOwn(ofCall, short) ? ofCall[short]?.(call) : undefined;
}
