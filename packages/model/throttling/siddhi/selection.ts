import { type Expression, readExpression } from './expression.ts';
import { SiddhiError } from './siddhi-error.ts';
import type { TokenReader } from './token-reader.ts';
import type { Place } from './tokens.ts';

/** What a `SELECT` selects, by lower-case name. */
export interface Selection {
  readonly named: ReadonlyMap<string, Expression>;
  readonly at: Place;
}

/** Most members of one selection. */
const maxMembers = 64;

/** Reads `SELECT a, b AS c, …`. Throws `SiddhiError`. */
export function readSelection(reader: TokenReader): Selection {
  const { at } = reader.current;
  reader.expectWord('select');
  const named = new Map<string, Expression>();
  do {
    const expression = readExpression(reader);
    if (reader.takeWord('as')) put(named, reader.expectAnyWord(), expression);
    else if (expression.kind === 'name') put(named, expression.name, expression);
    else throw reader.unexpected('AS and a name');
  } while (reader.takeSign(','));
  return { named, at };
}

function put(named: Map<string, Expression>, name: string, expression: Expression): void {
  if (named.size >= maxMembers) throw new SiddhiError(`more than ${maxMembers} things are selected`, expression.at);
  const key = name.toLowerCase();
  if (named.has(key)) throw new SiddhiError(`${name} is selected twice`, expression.at);
  named.set(key, expression);
}
