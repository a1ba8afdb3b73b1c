import type { EndpointStatus } from '@sluice/model';

/** The state of a leaf on its way to another process: durations in the place of times, since two processes have no clock in common. Plain data. */
export interface LeafNews {
  /** Tells leaves apart, also those that have the same name before and after a change of the API. */
  readonly key: string;
  /** Id of the API, and name of the leaf in it. */
  readonly api: string;
  readonly name: string;
  readonly status: EndpointStatus;
  /** Milliseconds until calls go to it again; 0 where they do. Means nothing where it is `active` or `off`. */
  readonly retryIn: number;
  /** As `LeafFacts`. */
  readonly remaining: number;
  readonly lastDuration: number;
  /** Code of the fault that led here, and its row in the error catalogue; 0 and empty for none. */
  readonly cause: number;
  readonly reason: string;
  /** Milliseconds since it began. */
  readonly age: number;
}

/** The same some milliseconds later. */
export function aged(news: LeafNews, millis: number): LeafNews {
  return { ...news, retryIn: Math.max(0, news.retryIn - millis), age: news.age + millis };
}

/** How processes tell each other about their leaves. */
export interface LeafExchange {
  /** Others are to know of these states, which began here. */
  tell(news: readonly LeafNews[]): void;
  /** These leaves are here no more. */
  forget(keys: readonly string[]): void;
  /** `take` hears what others say, and what was said before: states that are to hold here too, and leaves that are gone elsewhere. */
  watch(take: (news: readonly LeafNews[], gone: readonly string[]) => void): void;
}
