import { resolve } from 'node:path';
import { describeReport, loadSettings } from '@sluice/config';
import { type Command, homeOption } from '../command.ts';
import { hasStore, openFolderShelf, openStoreShelf, type Shelf } from '../deadlines/shelf.ts';
import { locateHome } from '../home/home.ts';
import { commandLog } from '../log.ts';

export const command: Command = {
  usage: `
sluice doctor [--apis DIR] [--home DIR]

Looks for what is wrong, or may not work as it was meant: in the settings, and in the endpoints of every API, such as deadlines that keep each
other from firing. Changes nothing; the program may be running. Ends with 1 where the settings cannot be used.
  --apis DIR  the API projects of a folder, instead of the database
  --home DIR  the home (default: SLUICE_HOME, else ./.sluice)`,
  options: { ...homeOption, apis: { type: 'string' } },
  async run({ options }) {
    const home = locateHome(options.home as string | undefined, process.env);
    const { settings, report } = loadSettings({ home: home.path, environment: process.env });
    process.stdout.write(report.findings.length === 0 ? 'The settings are in order.\n' : describeReport(report));
    if (report.failed) return 1;
    const folder = options.apis as string | undefined;
    if (folder === undefined && !hasStore(settings, home)) {
      process.stdout.write(`\nThere are no APIs: ${home.path} has no database yet.\n`);
      return 0;
    }
    const shelf =
      folder === undefined
        ? await openStoreShelf(settings, home)
        : await openFolderShelf(settings, resolve(folder), commandLog());
    try {
      await tellApis(shelf);
      return 0;
    } finally {
      await shelf.close();
    }
  },
};

async function tellApis(shelf: Shelf): Promise<void> {
  let count = 0;
  let wrong = 0;
  for await (const { api, warnings } of shelf.warnings()) {
    count++;
    if (warnings.length === 0) continue;
    wrong++;
    process.stdout.write(`\nAPI ${api}\n${warnings.map((warning) => `  ${warning}\n`).join('')}`);
  }
  const told = wrong === 0 ? 'nothing is wrong with their endpoints' : `${wrong} with something to tell`;
  process.stdout.write(`\nAPIs looked at: ${count}; ${told}.\n`);
}
