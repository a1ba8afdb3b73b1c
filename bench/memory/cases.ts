import type { Slowness } from './transfer.ts';

/** What memory must be flat over. Sluice alone is measured: the others are no part of that promise. */
export interface MemoryCase {
  /** Name on the command line and in the JSON. */
  readonly key: string;
  readonly title: string;
  /** One body with somebody slow, or so many calls. */
  readonly load: { readonly slowness: Slowness } | { readonly calls: number };
}

export const memoryCases: readonly MemoryCase[] = [
  { key: 'memory-200k', title: 'Memory over 200,000 calls', load: { calls: 200_000 } },
  {
    key: 'body-2g-slow-reader',
    title: 'Memory over an answer of 2 GiB that is read slowly',
    load: { slowness: 'slow-reader' },
  },
  {
    key: 'body-2g-slow-backend',
    title: 'Memory over a request of 2 GiB that is taken slowly',
    load: { slowness: 'slow-backend' },
  },
  {
    key: 'body-2g-slow-writer',
    title: 'Memory over a request of 2 GiB that is written slowly',
    load: { slowness: 'slow-writer' },
  },
];
