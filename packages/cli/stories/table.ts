import type { CallStory, StoryPage } from '@sluice/model';
import { columns } from '../terminal/columns.ts';

const heads = ['TIME', 'STATUS', 'CAUSE', 'TOOK', 'API', 'REQUEST', 'ID'];

/** Calls for people: a line each, and how many there are when not all are shown. */
export function storyTable({ calls, total }: StoryPage): string {
  if (total === 0) return 'The gateway keeps no such call.\n';
  const rows = calls.map((story) => [
    new Date(story.startedAt).toISOString(),
    String(story.status),
    causeOf(story),
    `${Math.round(story.duration)} ms`,
    story.api ?? '-',
    `${story.method} ${story.path}`,
    story.id,
  ]);
  const text = columns([heads, ...rows]);
  return calls.length < total ? `${text}${calls.length} of ${total}; --limit shows more\n` : text;
}

/** What it failed of; of a call that was rescued or drawn, what the last attempt that failed did. */
function causeOf({ error, attempts, end }: CallStory): string {
  const fault = attempts.findLast((attempt) => attempt.fault)?.fault;
  return error?.cause ?? fault?.cause ?? (end === 'complete' ? '-' : end);
}
