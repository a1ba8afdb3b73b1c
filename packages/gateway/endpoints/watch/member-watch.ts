import type { GroupRules, HealthCheck } from '@sluice/model';
import type { Leaf } from '../leaf.ts';
import type { HealthChecks } from './health-checks.ts';
import { OutlierGroup, OutlierWatch } from './outlier.ts';

/** What a group wants of its members' leaves: what it does not say itself, the group around it says. */
export class MemberWatch {
  readonly healthCheck: HealthCheck | null;
  readonly outliers: OutlierGroup | null;

  constructor({ healthCheck, outlier }: GroupRules, around: MemberWatch | null) {
    this.healthCheck = healthCheck ?? around?.healthCheck ?? null;
    this.outliers = outlier === undefined ? (around?.outliers ?? null) : new OutlierGroup(outlier);
  }
}

/** A leaf is deployed, as a member or by itself; `user` as `HealthChecks.watch` has it. */
export function watchLeaf(leaf: Leaf, watch: MemberWatch | null, checks: HealthChecks, user: string | null): void {
  checks.watch(leaf, watch?.healthCheck ?? null, user);
  const outliers = watch?.outliers ?? null;
  // Of a leaf that APIs share, one that looks for no outliers says nothing.
  if (user !== null && outliers === null) return;
  outliers?.join(leaf.record);
  leaf.record.outlier = outliers && new OutlierWatch(outliers);
}
