import { describeFinding, type ErrorEntry, type Finding, SluiceError } from '@sluice/model';

/** Throws what was found wrong: the first in words, all of them as the list of the answer. */
export function refuse({ list }: { readonly list: readonly Finding[] }, entry: ErrorEntry): void {
  const wrong = list.filter(({ level }) => level === 'error').map(describeFinding);
  const [detail] = wrong;
  if (detail === undefined) return;
  throw new SluiceError(entry, { detail }, { details: wrong.map((message) => ({ code: entry.code, message })) });
}
