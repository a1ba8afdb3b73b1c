import { resolve } from 'node:path';
import { explainSettings, isSettingName } from '@sluice/config';
import { type Arguments, type Command, homeOption, UsageError } from '../command.ts';
import { openFolderShelf, openStoreShelf } from '../deadlines/shelf.ts';
import { timeoutText } from '../deadlines/text.ts';
import { type Home, locateHome } from '../home/home.ts';
import { commandLog } from '../log.ts';
import { readSettings } from '../start/settings.ts';
import { explainCalls, explainWord } from '../stories/explain.ts';

export const command: Command = {
  usage: `
sluice explain REQUEST-ID                what became of a call, by the Sluice-Request-Id of its answer
sluice explain calls [TEXT]              the calls that are kept, the newest first
sluice explain CODE | CAUSE              what a code of an error may mean, or the word in Sluice-Cause
sluice explain settings [KEY]            settings with the values in force and where each comes from
sluice explain timeouts API [--apis DIR] the deadlines of an API from client to backend, what sets each and which fires first

A call is asked of the gateway that runs in the home: it keeps the last of those that failed, and those that it has drawn (setting
sluice.explain.share). TEXT is part of request id, correlation, client, API, path or cause. Of settings one is printed in full, those
of a section, or all; any spelling of a key is taken, and the property names of older releases.
API is a name, a name with its version (orders/1.0.0) or an id: that of the database in the home, or of the API projects in a folder.
  --json      the story of a call, or the deadlines, as JSON, for programs
  --apis DIR  the folder that a gateway serves
  --kept KIND only the calls that are failed, refused, abandoned or sampled
  --limit N   at most so many calls (default 20)
  --home DIR  the home (default: SLUICE_HOME, else ./.sluice)`,
  options: {
    ...homeOption,
    kept: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
    apis: { type: 'string' },
  },
  takesWords: true,
  async run({ options, words: [subject, ...rest] }) {
    const home = locateHome(options.home as string | undefined, process.env);
    const usage = 'say: sluice explain REQUEST-ID | calls [TEXT] | CODE | CAUSE | settings [KEY] | timeouts API';
    if (subject === undefined) throw new UsageError(usage);
    const named = subjects.get(subject);
    return named === undefined ? explainWord(subject, home, rest, options) : named(home, rest, options);
  },
};

type Subject = (home: Home, words: readonly string[], options: Arguments['options']) => Promise<number>;

/** What can be explained besides calls, by the word that asks for it. */
const subjects: ReadonlyMap<string, Subject> = new Map([
  ['calls', explainCalls],
  ['settings', explainSettingsOf],
  ['timeouts', explainTimeouts],
]);

async function explainSettingsOf(home: Home, [key, ...rest]: readonly string[]): Promise<number> {
  if (rest.length > 0) throw new UsageError('say: sluice explain settings [KEY]');
  const settings = readSettings(home);
  process.stdout.write(explainSettings(settings, key));
  return key === undefined || isSettingName(settings, key) ? 0 : 1;
}

async function explainTimeouts(
  home: Home,
  [name, ...rest]: readonly string[],
  { apis, json }: Arguments['options'],
): Promise<number> {
  if (name === undefined || rest.length > 0) throw new UsageError('say: sluice explain timeouts API [--apis DIR]');
  const settings = readSettings(home);
  const shelf =
    apis === undefined
      ? await openStoreShelf(settings, home)
      : await openFolderShelf(settings, resolve(String(apis)), commandLog());
  try {
    const reports = await shelf.reports(name);
    if (reports.length === 0) throw new UsageError(`there is no API ${name}`);
    process.stdout.write(json ? `${JSON.stringify(reports)}\n` : reports.map(timeoutText).join('\n'));
    return 0;
  } finally {
    await shelf.close();
  }
}
