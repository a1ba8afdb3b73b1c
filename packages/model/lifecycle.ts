import type { LifecycleStatus } from './api.ts';

/** An event of the lifecycle, by the name that `change-lifecycle` takes. */
export interface LifecycleTransition {
  readonly event: string;
  readonly target: LifecycleStatus;
}

/** What a publisher may ask for beside a change; sent as `lifecycleChecklist=<name>:true`. */
export const checklistItems = {
  deprecateOld: 'Deprecate old versions after publishing the API',
  requireResubscription: 'Requires re-subscription when publishing the API',
} as const;

export type ChecklistItem = (typeof checklistItems)[keyof typeof checklistItems];

interface State {
  /** As the REST APIs show it. */
  readonly title: string;
  readonly transitions: readonly LifecycleTransition[];
  readonly checklist: readonly ChecklistItem[];
}

const beforePublishing = [checklistItems.deprecateOld, checklistItems.requireResubscription];

/** WSO2's lifecycle (wso2-control-plane.md 2.3): states, the events possible from each, and where they lead. */
const states: Readonly<Record<LifecycleStatus, State>> = {
  CREATED: {
    title: 'Created',
    transitions: [
      { event: 'Publish', target: 'PUBLISHED' },
      { event: 'Deploy as a Prototype', target: 'PROTOTYPED' },
    ],
    checklist: beforePublishing,
  },
  PROTOTYPED: {
    title: 'Prototyped',
    transitions: [
      { event: 'Publish', target: 'PUBLISHED' },
      { event: 'Demote to Created', target: 'CREATED' },
      { event: 'Deploy as a Prototype', target: 'PROTOTYPED' },
    ],
    checklist: beforePublishing,
  },
  PUBLISHED: {
    title: 'Published',
    transitions: [
      { event: 'Block', target: 'BLOCKED' },
      { event: 'Deploy as a Prototype', target: 'PROTOTYPED' },
      { event: 'Demote to Created', target: 'CREATED' },
      { event: 'Deprecate', target: 'DEPRECATED' },
      { event: 'Publish', target: 'PUBLISHED' },
    ],
    checklist: [],
  },
  BLOCKED: {
    title: 'Blocked',
    transitions: [
      { event: 'Re-Publish', target: 'PUBLISHED' },
      { event: 'Deprecate', target: 'DEPRECATED' },
    ],
    checklist: [],
  },
  DEPRECATED: { title: 'Deprecated', transitions: [{ event: 'Retire', target: 'RETIRED' }], checklist: [] },
  RETIRED: { title: 'Retired', transitions: [], checklist: [] },
};

/** The state as the REST APIs show it: `Published`. */
export function lifecycleTitle(status: LifecycleStatus): string {
  return states[status].title;
}

/** What can be done with an API in this state. */
export function availableTransitions(status: LifecycleStatus): readonly LifecycleTransition[] {
  return states[status].transitions;
}

/** The checklist that is shown in this state. */
export function lifecycleChecklist(status: LifecycleStatus): readonly ChecklistItem[] {
  return states[status].checklist;
}

/** The state that `event` leads to; undefined where it is not possible. Event names are matched exactly, as WSO2 does. */
export function transition(status: LifecycleStatus, event: string): LifecycleStatus | undefined {
  return states[status].transitions.find((candidate) => candidate.event === event)?.target;
}

/** Reads `lifecycleChecklist=<item>:true,<item>:false`; names that are not known are left out. */
export function parseChecklist(source: string): ReadonlySet<ChecklistItem> {
  const chosen = new Set<ChecklistItem>();
  for (const part of source.split(',')) {
    const colon = part.lastIndexOf(':');
    const name = part.slice(0, colon).trim();
    if (
      colon < 0 ||
      part
        .slice(colon + 1)
        .trim()
        .toLowerCase() !== 'true'
    )
      continue;
    const item = Object.values(checklistItems).find((candidate) => candidate === name);
    if (item !== undefined) chosen.add(item);
  }
  return chosen;
}
