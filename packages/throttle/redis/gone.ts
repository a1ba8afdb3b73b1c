/** What gateways that have left had spent of a window: units by the ids that they had. */
export type Gone = Readonly<Record<string, number>>;

/** Undefined where it is something else. */
export function readGone(value: unknown): Gone | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const whole = Object.values(value).every((units) => Number.isSafeInteger(units) && (units as number) >= 0);
  return whole ? (value as Gone) : undefined;
}
