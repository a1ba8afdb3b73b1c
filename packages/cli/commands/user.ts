import { text } from 'node:stream/consumers';
import { superOrganization } from '@sluice/model';
import { ConflictError } from '@sluice/store';
import { type Command, homeOption, UsageError } from '../command.ts';
import { openHome } from '../home/home.ts';
import { openLog } from '../log.ts';
import { openKeyManager } from '../start/control-plane.ts';
import { readSettings } from '../start/settings.ts';

export const command: Command = {
  usage: `
sluice user list                        the users and their roles
sluice user add NAME [--role ROLE]...   a new user; the password is read from stdin
sluice user password NAME               another password, read from stdin
sluice user roles NAME [--role ROLE]... these roles and no others
sluice user remove NAME

Roles: admin, Internal/creator, Internal/publisher, Internal/subscriber, Internal/devops, or your own.
  --home DIR   the installation whose users are meant; it may be running`,
  options: { ...homeOption, role: { type: 'string', multiple: true } },
  takesWords: true,
  async run({ options, words: [verb = '', name, ...rest] }) {
    const action = actions[verb];
    if (!action || rest.length > 0 || (verb === 'list') !== (name === undefined)) {
      throw new UsageError('say: sluice user list | add NAME | password NAME | roles NAME | remove NAME');
    }
    const home = openHome(options.home as string | undefined, process.env);
    const log = openLog(home.logs, 'info');
    const { store, keyManager } = await openKeyManager(readSettings(home), home, log);
    try {
      return await action(keyManager.users, name ?? '', (options.role ?? []) as unknown as string[]);
    } finally {
      await keyManager.close();
      await store.close();
    }
  },
};

type Users = Awaited<ReturnType<typeof openKeyManager>>['keyManager']['users'];

const actions: Readonly<Record<string, (users: Users, name: string, roles: string[]) => Promise<number>>> = {
  async list(users) {
    for (let offset = 0; ; offset += 100) {
      const { items } = await users.list(superOrganization, { offset, limit: 100 });
      for (const { name, roles } of items) process.stdout.write(`${name}\t${roles.join(', ')}\n`);
      if (items.length < 100) return 0;
    }
  },
  async add(users, username, roles) {
    try {
      await users.create({ username, password: await passwordFromStdin(), roles });
    } catch (error) {
      if (error instanceof ConflictError) throw new UsageError(`there is a user ${username} already`);
      throw error;
    }
    return 0;
  },
  async password(users, name) {
    return found(name, await users.setPassword(name, await passwordFromStdin()));
  },
  async roles(users, name, roles) {
    return found(name, await users.setRoles(name, roles));
  },
  async remove(users, name) {
    return found(name, await users.remove(name));
  },
};

function found(name: string, done: boolean): number {
  if (!done) throw new UsageError(`there is no user ${name}`);
  return 0;
}

/** From a pipe or a terminal; never from an argument, which others can see in the list of processes. */
async function passwordFromStdin(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password, then Enter and Ctrl-D: ');
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!password) throw new UsageError('the password on stdin is empty');
  return password;
}
