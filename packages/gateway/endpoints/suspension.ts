import type { LeafEndpoint } from '@sluice/model';

/** The part of a leaf that says when it is given a rest. */
export type SuspensionRules = Pick<LeafEndpoint, 'markForSuspension' | 'suspendOnFailure'> & {
  /** Faults in a row, of whatever code, that suspend for a fixed time; null sets no such bound. */
  readonly most: FaultBound | null;
};

/** Plain data. */
export interface FaultBound {
  /** At least 1. */
  readonly faults: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** What the gateway says about suspension for all its endpoints (wso2-gateway.md 3 and 4.5). Plain data. */
export interface SuspensionOptions {
  /** Milliseconds of the first suspension of endpoints that name none. Absent: Synapse's 30 seconds. */
  readonly duration?: number;
  /** By what it grows; where `overrides`, or the endpoint names no duration and `duration` is given. */
  readonly factor?: number;
  /** True lets both win over what endpoints say. */
  readonly overrides?: boolean;
  /** Bound of an endpoint by itself, and of a member of a group. */
  readonly alone?: FaultBound;
  readonly member?: FaultBound;
}

/** The rules that hold for a leaf. What switches suspension off for it stays, whatever the gateway says. */
export function rulesOf(
  { markForSuspension, suspendOnFailure }: LeafEndpoint,
  isMember: boolean,
  options: SuspensionOptions,
): SuspensionRules {
  const most = (isMember ? options.member : options.alone) ?? null;
  const own = suspendOnFailure.initialDuration;
  const global = options.duration !== undefined && (options.overrides === true || own === null);
  if (!global || suspendOnFailure.disabled) return { markForSuspension, suspendOnFailure, most };
  return {
    markForSuspension,
    suspendOnFailure: {
      ...suspendOnFailure,
      initialDuration: options.duration ?? null,
      progressionFactor: options.factor ?? suspendOnFailure.progressionFactor,
    },
    most,
  };
}
