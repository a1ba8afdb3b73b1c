import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { anyPorts, runProgram, startProgram, temporaryHome } from '../program/program.ts';

/** The program must end by itself, with a message and without a stack. */
async function refusedStart(t: TestContext, settings: string, args: readonly string[] = [], home = temporaryHome(t)) {
  const ended = await runProgram(t, {
    args: ['start', '--no-sample', ...args],
    settings: `${anyPorts}\n${settings}`,
    home,
  });
  assert.notEqual(ended.code, 0, ended.stdout);
  assert.ok(!/^\s+at /m.test(ended.stderr), `a stack was printed:\n${ended.stderr}`);
  return ended.stderr;
}

test('broken TOML stops the start and names line and column', async (t) => {
  const message = await refusedStart(t, '[server]\nhostname = "unfinished\n');
  assert.match(message, /deployment\.toml:\d+/);
  assert.match(message, /remedy/);
});

test('wrong types and values out of range stop the start in one report', async (t) => {
  const message = await refusedStart(t, '[server]\noffset = "ten"\n[database.apim_db]\ntype = "oracle"\n');
  assert.match(message, /server\.offset = "?ten"?/);
  assert.match(message, /database\.apim_db\.type/);
  assert.match(message, /expected/);
});

test('an unknown key warns with the nearest known name, and the start goes on', async (t) => {
  const program = await startProgram(t, {
    args: ['start', '--no-sample'],
    settings: '[server]\nhostnam = "localhost"\n',
  });
  assert.match(program.stderr(), /server\.hostnam/);
  assert.match(program.stderr(), /server\.hostname/);
  assert.equal(await program.stop(), 0);
});

test('the default password refuses to be open to others', async (t) => {
  const message = await refusedStart(t, '[server]\nbind_address = "0.0.0.0"\n');
  assert.match(message, /server\.bind_address/);
  assert.match(message, /super_admin\.password/);
});

test('a port in use is named with the program that holds it', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const section of ['transport.https.properties', 'transport.http.properties', 'transport.http.listener']) {
    const home = temporaryHome(t);
    const bind = section.endsWith('listener') ? 'bind_address = "127.0.0.1"\n' : '';
    const others = anyPorts.replace(new RegExp(`(\\[${section}\\]\\n)port = 0`), `$1port = ${port}\n${bind}`);
    const { code, stderr } = await runProgram(t, { args: ['start', '--no-sample'], settings: others, home });
    assert.notEqual(code, 0);
    assert.match(stderr, new RegExp(`port ${port}`), section);
    assert.match(stderr, new RegExp(`pid ${process.pid}`), `${section} names the holder: ${stderr}`);
    assert.match(stderr, /--offset/);
  }
});

test('a database that a newer program wrote is refused plainly', async (t) => {
  const first = await startProgram(t, { args: ['start', '--no-sample'] });
  await first.stop();
  const database = new DatabaseSync(join(first.home, 'data', 'sluice.db'));
  database.exec("insert into schema_version (version, name, applied_time) values (9999, 'from the future', 0)");
  database.close();
  const message = await refusedStart(t, '', [], first.home);
  assert.match(message, /newer/i);
  assert.match(message, /9999/);
});

test('a JKS keystore is answered with the keytool command that converts it', async (t) => {
  const home = temporaryHome(t);
  mkdirSync(join(home, 'security'));
  writeFileSync(join(home, 'security', 'wso2.jks'), Buffer.from('feedfeed00000002', 'hex'));
  const message = await refusedStart(
    t,
    '[keystore.tls]\nfile_name = "wso2.jks"\ntype = "JKS"\npassword = "secret-word"\n',
    [],
    home,
  );
  assert.match(message, /keytool -importkeystore/);
  assert.ok(!message.includes('secret-word'), 'the password is not printed');
});

test('words that no command knows are answered with what there is', async (t) => {
  const unknown = await runProgram(t, { args: ['strat'] });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /sluice start/);
  const option = await runProgram(t, { args: ['start', '--ofset', '3'] });
  assert.equal(option.code, 2);
  assert.match(option.stderr, /--ofset/);
});
