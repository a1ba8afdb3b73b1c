import { explainSettings, isSettingName } from '@sluice/config';
import { type Command, homeOption, UsageError } from '../command.ts';
import { locateHome } from '../home/home.ts';
import { readSettings } from '../start/settings.ts';

export const command: Command = {
  usage: `
sluice explain settings [KEY] [--home DIR]

Prints settings with the values in force and where each comes from: one in full, those of a section, or all.
Any spelling of a key is taken, and the property names of older releases.`,
  options: homeOption,
  takesWords: true,
  async run({ options, words: [subject, key, ...rest] }) {
    if (subject !== 'settings' || rest.length > 0) throw new UsageError('say: sluice explain settings [KEY]');
    const settings = readSettings(locateHome(options.home as string | undefined, process.env));
    process.stdout.write(explainSettings(settings, key));
    return key === undefined || isSettingName(settings, key) ? 0 : 1;
  },
};
