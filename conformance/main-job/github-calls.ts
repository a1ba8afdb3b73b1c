/** A call to make through the gateway. */
export interface PlannedCall {
  readonly method: string;
  /** Path below the API with its parameters filled in, and a query. */
  readonly target: string;
  readonly body: Buffer;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const values = ['octo', 'sluice%2Fgate', 'a%20b', '42', 'caf%C3%A9', 'x~y_z-1.2', '%E2%82%AC', "it's(here)*"];

/** `count` calls spread over the description: every method, path parameters with awkward values, queries, bodies of many bytes. */
export function callsOf(description: Description, count: number): PlannedCall[] {
  const byMethod = new Map<string, string[]>();
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      if (item[method]) byMethod.set(method, [...(byMethod.get(method) ?? []), path]);
    }
  }
  const calls: PlannedCall[] = [];
  for (let round = 0; calls.length < count; round++) {
    for (const [method, paths] of byMethod) {
      const path = paths[Math.floor((round * paths.length * 7) / count) % paths.length] as string;
      calls.push(plan(method.toUpperCase(), path, calls.length));
    }
  }
  return calls.slice(0, count);
}

function plan(method: string, template: string, index: number): PlannedCall {
  let at = index;
  const path = template.replace(/\{[^}]+\}/g, () => values[at++ % values.length] as string);
  const query = index % 3 === 0 ? `?page=${index}&q=%22a+b%22&empty=&flag` : '';
  const hasBody = method === 'POST' || method === 'PATCH';
  return { method, target: path + query, body: hasBody ? bodyOf(index) : Buffer.alloc(0) };
}

/** All byte values, from a few bytes to some 200 kB. */
function bodyOf(index: number): Buffer {
  const length = [2, 300, 17_000, 70_000, 200_000][index % 5] as number;
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31 + index) & 0xff));
}
