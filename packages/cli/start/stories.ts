import { gatewayDeadlines, type Settings } from '@sluice/config';
import { describeOrigin, type ErrorEntry, errors } from '@sluice/model';
import type { WorkerOptions } from '../workers/messages.ts';

/** Which stories of calls are kept, and where the bounds that they tell of are set. */
export function storyOptions(settings: Settings): Pick<WorkerOptions, 'stories'> {
  return {
    stories: {
      kept: settings.get('sluice.explain.kept'),
      share: settings.get('sluice.explain.share'),
      deadlines: gatewayDeadlines(settings),
      origins: originsOf(settings),
    },
  };
}

/** Of the settings that errors name, and that were given. */
function originsOf(settings: Settings): Record<string, string> {
  const origins: Record<string, string> = {};
  for (const { setting } of Object.values<ErrorEntry>(errors)) {
    const origin = setting === undefined ? undefined : settings.origin(setting);
    if (setting !== undefined && origin && origin.kind !== 'default') origins[setting] = describeOrigin(origin);
  }
  return origins;
}
