import { shownUrl } from '@sluice/model';
import type { LeafRecord } from './leaf-records.ts';

/** A leaf for lists, without its state. Plain data. */
export interface LeafRow {
  /** `API id/leaf name`. */
  readonly id: string;
  /** As `LeafNews`. */
  readonly key: string;
  /** `name/version` of the API. */
  readonly api: string;
  readonly name: string;
  /** Without credentials, and without the values of the query. */
  readonly url: string;
  readonly answers: number;
  readonly faults: number;
}

export function leafRow({ id, key, api, name, url, answers, faults }: LeafRecord): LeafRow {
  return { id, key, api, name, url: shownUrl(url), answers, faults };
}
