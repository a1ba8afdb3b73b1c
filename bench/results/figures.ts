/** One program in one round of one case. */
export interface Sample {
  readonly round: number;
  readonly proxy: string;
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly rssMiB: number;
  /** Share of the proxy's processor that other programs took meanwhile, 0 to 1. */
  readonly othersShare: number;
  /** Share of the time, 0 to 1, in which a processor that had work was not there: of the one that this happened to more. */
  readonly stolenShare: number;
  /** Growth of the resident memory by one idle connection, where the case has such. */
  readonly kibPerIdleConnection?: number;
  /** p99 less that of the same calls straight to the backend, at the same rate; in cases of half load. */
  readonly addedP99Millis?: number;
}

/** A row of the result. The figures are `null` where there are none, and then `reason` says why. */
export interface Row {
  readonly case: string;
  readonly proxy: string;
  readonly cpuMicrosPerRequest: number | null;
  /** CPU per request by that of nginx in the same round. */
  readonly ratioToNginx: number | null;
  readonly requestsPerSecond: number | null;
  readonly p50Millis: number | null;
  readonly p99Millis: number | null;
  readonly rssMiB: number | null;
  /** Above 0.1 the machine was too busy for the row to prove much. */
  readonly othersShare?: number;
  /** Above 0.005 the slowest of a hundred calls may be those that waited for the machine. */
  readonly stolenShare?: number;
  readonly kibPerIdleConnection?: number;
  readonly addedP99Millis?: number;
  /** In cases of memory: from before the load to the peak in it, by the former, of the process that grew most. */
  readonly rssGrowth?: number;
  readonly reason?: string;
}

/** Middle value, the mean of the two middle ones of an even number. @throws for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (lower === undefined || upper === undefined) throw new Error('no values have no median');
  return (lower + upper) / 2;
}

/** Medians over the rounds of one program, and of its ratios to nginx round by round. */
export function summarize(caseKey: string, proxy: string, samples: readonly Sample[]): Row {
  const own = samples.filter((sample) => sample.proxy === proxy);
  const baseline = new Map(
    samples.filter((sample) => sample.proxy === 'nginx').map((sample) => [sample.round, sample.cpuMicrosPerRequest]),
  );
  const ratios = own.flatMap(({ round, cpuMicrosPerRequest }) => {
    const nginx = baseline.get(round);
    return nginx ? [cpuMicrosPerRequest / nginx] : [];
  });
  const over = (figure: (sample: Sample) => number, digits: number) => rounded(median(own.map(figure)), digits);
  const memory = own.flatMap(({ kibPerIdleConnection }) => kibPerIdleConnection ?? []);
  const added = own.flatMap(({ addedP99Millis }) => addedP99Millis ?? []);
  return {
    case: caseKey,
    proxy,
    cpuMicrosPerRequest: over((sample) => sample.cpuMicrosPerRequest, 2),
    ratioToNginx: ratios.length > 0 ? rounded(median(ratios), 3) : null,
    requestsPerSecond: over((sample) => sample.requestsPerSecond, 0),
    p50Millis: over((sample) => sample.p50Millis, 3),
    p99Millis: over((sample) => sample.p99Millis, 3),
    rssMiB: over((sample) => sample.rssMiB, 1),
    othersShare: over((sample) => sample.othersShare, 3),
    stolenShare: over((sample) => sample.stolenShare, 4),
    ...(memory.length > 0 ? { kibPerIdleConnection: rounded(median(memory), 2) } : {}),
    ...(added.length > 0 ? { addedP99Millis: rounded(median(added), 3) } : {}),
  };
}

/** The row of a program that has no figures in a case. */
export function without(caseKey: string, proxy: string, reason: string): Row {
  return {
    case: caseKey,
    proxy,
    cpuMicrosPerRequest: null,
    ratioToNginx: null,
    requestsPerSecond: null,
    p50Millis: null,
    p99Millis: null,
    rssMiB: null,
    reason,
  };
}

/** The row as `--json` prints it: how busy the machine was is said elsewhere. */
export function published({ othersShare: _, stolenShare: __, ...row }: Row): Omit<Row, 'othersShare' | 'stolenShare'> {
  return row;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
