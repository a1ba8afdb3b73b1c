import { type Expression, type SqlBool, sql } from 'kysely';
import { fold } from '../codec.ts';

export type Match = 'contains' | 'equals' | 'prefix' | 'suffix';

/** SQLite refuses patterns above 50,000 bytes; nothing that is searched for is nearly as long. */
const longestPattern = 10_000;

/** Compares a folded column with `value` without regard to case; `%` and `_` in the value stand for themselves. */
export function matches(column: Expression<string>, match: Match, value: string): Expression<SqlBool> {
  const folded = fold(value);
  if (match === 'equals') return sql<SqlBool>`${column} = ${folded}`;
  if (folded.length > longestPattern) return sql<SqlBool>`1 = 0`;
  const text = folded.replace(/[\\%_]/g, '\\$&');
  const pattern = `${match === 'prefix' ? '' : '%'}${text}${match === 'suffix' ? '' : '%'}`;
  return sql<SqlBool>`${column} like ${pattern} escape '\\'`;
}
