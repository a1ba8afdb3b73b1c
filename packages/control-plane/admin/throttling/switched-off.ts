import type { PlanCondition, PlanDraft } from '@sluice/model';
import type { PlanSettings } from '../../plans/offered.ts';

/** The setting that each kind of condition needs. */
const switches: Readonly<
  Partial<Record<PlanCondition['type'], { readonly setting: string; readonly name: keyof PlanSettings['conditions'] }>>
> = {
  HEADERCONDITION: { setting: 'enable_header_based_throttling', name: 'headers' },
  QUERYPARAMETERCONDITION: { setting: 'enable_query_param_based_throttling', name: 'queryParameters' },
  JWTCLAIMSCONDITION: { setting: 'enable_jwt_claim_based_throttling', name: 'claims' },
};

/**
 * What of a plan has no effect now, in one sentence; blank where all has. Such plans are taken, as WSO2 takes them: they come from
 * elsewhere, and the setting may be about to change.
 */
export function switchedOff({ conditionalGroups = [] }: PlanDraft, { conditions }: PlanSettings): string {
  const missing = new Set<string>();
  for (const group of conditionalGroups) {
    for (const { type } of group.conditions) {
      const needed = switches[type];
      if (needed && !conditions[needed.name]) missing.add(needed.setting);
    }
  }
  if (missing.size === 0) return '';
  return `conditional groups have no effect until ${[...missing].join(' and ')} of [apim.throttling] is true`;
}
