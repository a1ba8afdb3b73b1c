import type { Settings } from '@sluice/config';
import { deadlines, describeOrigin, type ErrorEntry, errors } from '@sluice/model';
import type { WorkerOptions } from '../workers/messages.ts';

/** Which stories of calls are kept, and where the bounds that they tell of are set. */
export function storyOptions(settings: Settings): Pick<WorkerOptions, 'stories'> {
  return {
    stories: {
      kept: settings.get('sluice.explain.kept'),
      share: settings.get('sluice.explain.share'),
      origins: originsOf(settings),
    },
  };
}

/** Of all settings that govern an error or a deadline, and that were given. */
function originsOf(settings: Settings): Record<string, string> {
  const rows = [...Object.values<ErrorEntry>(errors), ...Object.values(deadlines)];
  const origins: Record<string, string> = {};
  for (const { setting } of rows) {
    if (!setting) continue;
    const origin = settings.origin(setting);
    if (origin.kind !== 'default') origins[setting] = describeOrigin(origin);
  }
  return origins;
}
