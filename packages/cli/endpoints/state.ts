import type { LeafNews, LeafRow } from '@sluice/gateway';
import { type EndpointState, phaseName, readingsOf } from '@sluice/model';

/** A leaf as its operator sees it; `news` is what the board holds of it, `now` in epoch milliseconds. */
export function stateOf(row: LeafRow, news: LeafNews | undefined, now: number): EndpointState {
  const { id, api, name, url, answers, faults } = row;
  const waits = news?.status === 'timeout' || news?.status === 'suspended';
  return {
    ...{ id, api, name, url, side: sideOf(name) },
    state: news?.status ?? 'active',
    since: news === undefined ? null : Math.round(now - news.age),
    cause: news === undefined || news.cause === 0 ? null : causeOf(news),
    nextTryIn: waits ? Math.ceil(news.retryIn) : null,
    ...{ answers, faults },
  };
}

/** The endpoint tree names leaves by their side; what is shared has its own names. */
function sideOf(name: string): EndpointState['side'] {
  const [side] = /^(?:prod|sandbox)(?![\w-])/.exec(name) ?? [];
  if (side === undefined) return null;
  return side === 'prod' ? 'production' : 'sandbox';
}

/** In words, `backend closed while the answer was waited for`: the sum of code and phase alone may mean other faults too. */
function causeOf({ cause, reason }: LeafNews): EndpointState['cause'] {
  const phase = readingsOf(cause).find(({ entry }) => entry.key === reason)?.phase ?? null;
  const words = [reason.replaceAll('-', ' '), ...(phase === null ? [] : [phaseName(phase)])].join(' ');
  return { code: cause, key: reason, words };
}
