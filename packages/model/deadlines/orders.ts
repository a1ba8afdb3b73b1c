import { type DeadlineLevels, type DeadlineValue, deadlineValue } from './effective.ts';
import { type DeadlineName, deadlines } from './table.ts';

/** Two deadlines of which one keeps the other from ever firing, though that may have been meant to. */
export interface DeadlineOrder {
  /** `note`: nobody has chosen the value that cannot fire. */
  readonly level: 'warning' | 'note';
  readonly name: DeadlineName;
  readonly value: DeadlineValue;
  /** The one that it is above, and that fires before it. */
  readonly above: DeadlineName;
  readonly aboveValue: DeadlineValue;
  readonly consequence: string;
  readonly remedy: string;
}

/** The deadline of the call as a whole: the duration of its endpoint, else the global one. */
export function wholeDeadline(levels: DeadlineLevels): 'endpoint' | 'global' {
  return deadlineValue('endpoint', levels).value > 0 ? 'endpoint' : 'global';
}

/** Phases that end with the call at the latest: a longer bound of theirs says nothing. */
const phases = ['pool-wait', 'connect', 'tls-handshake'] as const;

/** Orders of the deadlines of a call that cannot work. A deadline that never fires (0) is in nobody's way. */
export function deadlineOrders(levels: DeadlineLevels): DeadlineOrder[] {
  const whole = wholeDeadline(levels);
  const pairs: (readonly [DeadlineName, DeadlineName, string])[] = [
    [whole, 'first-byte', 'a backend that is silent is given up before that time is over'],
    ...phases.map((name) => [name, whole, 'the call is over before that time is'] as const),
    ['name-lookup', 'connect', 'the connection is given up before that time is over'],
  ];
  return pairs.flatMap(([name, above, consequence]) => {
    const value = deadlineValue(name, levels);
    const aboveValue = deadlineValue(above, levels);
    if (value.value === 0 || aboveValue.value === 0 || value.value <= aboveValue.value) return [];
    const level = name === whole || isChosen(name, value) ? 'warning' : 'note';
    const remedy = `lower ${value.setting}, or raise ${aboveValue.setting}`;
    return [{ level, name, value, above, aboveValue, consequence, remedy }];
  });
}

/** Somebody has given it, and not by way of another one that it follows. */
function isChosen(name: DeadlineName, { setting, origin }: DeadlineValue): boolean {
  return origin.kind === 'api' || (origin.kind !== 'default' && setting === deadlines[name].setting);
}
