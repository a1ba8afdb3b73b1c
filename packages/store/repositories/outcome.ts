import { ConflictError, MissingReferenceError } from '../errors.ts';

/** What Kysely tells of an update or a deletion. */
type Outcome = readonly { readonly numUpdatedRows?: bigint; readonly numDeletedRows?: bigint }[];

/** How many rows a statement changed or removed. */
export const touchedRows = ([result]: Outcome): number =>
  Number(result?.numUpdatedRows ?? result?.numDeletedRows ?? 0n);

/** True when a statement changed or removed something. */
export const touched = (outcome: Outcome): boolean => touchedRows(outcome) > 0;

/** Runs a removal; rows that still refer to what is removed make it a broken `rule`. */
export async function removeUnlessUsed<T>(rule: string, removal: () => Promise<T>): Promise<T> {
  try {
    return await removal();
  } catch (error) {
    if (error instanceof MissingReferenceError) throw new ConflictError(rule, { cause: error });
    throw error;
  }
}
