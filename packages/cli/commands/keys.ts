import { type Command, homeOption, UsageError } from '../command.ts';
import { openHome } from '../home/home.ts';
import { openLog } from '../log.ts';
import { openKeyManager } from '../start/control-plane.ts';
import { readSettings } from '../start/settings.ts';

export const command: Command = {
  usage: `
sluice keys rotate [--home DIR]

Makes a new key that signs tokens from now on. Tokens signed with the old one stay valid until they expire.
The installation may be running; gateways learn the new key over the feed before it is used.`,
  options: homeOption,
  takesWords: true,
  async run({ options, words: [verb, ...rest] }) {
    if (verb !== 'rotate' || rest.length > 0) throw new UsageError('say: sluice keys rotate');
    const home = openHome(options.home as string | undefined, process.env);
    const log = openLog(home.logs, 'info');
    const { store, keyManager } = await openKeyManager(readSettings(home), home, log);
    try {
      await keyManager.rotateKeys();
      process.stdout.write('A new key signs tokens from now on; live tokens stay valid.\n');
      return 0;
    } finally {
      await keyManager.close();
      await store.close();
    }
  },
};
