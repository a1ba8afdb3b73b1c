/**
 * Orders versions as people do: parts between dots, dashes and letters compare as numbers where both are numbers.
 * A version with an extra word (`1.0.0-beta`) comes before the same without it.
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [parts(one), parts(other)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = comparePart(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function parts(version: string): string[] {
  return (
    version
      .toLowerCase()
      .replace(/^v(?=\d)/, '')
      .match(/\d+|[a-z]+/g) ?? []
  );
}

function comparePart(one: string | undefined, other: string | undefined): number {
  if (one === other) return 0;
  if (one === undefined) return isNumber(other) ? -1 : 1;
  if (other === undefined) return isNumber(one) ? 1 : -1;
  if (isNumber(one) && isNumber(other)) return Number(one) - Number(other) || one.length - other.length;
  if (isNumber(one) !== isNumber(other)) return isNumber(one) ? 1 : -1;
  return one < other ? -1 : 1;
}

function isNumber(part: string | undefined): boolean {
  return part !== undefined && part >= '0' && part <= ':';
}
