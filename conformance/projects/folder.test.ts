import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { ZipFile } from 'yazl';
import { startProgram, temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { apiYaml, definition, writeProject } from './project.ts';

async function zip(files: Readonly<Record<string, Buffer | string>>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(files)) archive.addBuffer(Buffer.from(content), name);
  archive.end();
  return buffer(archive.outputStream as NodeJS.ReadableStream);
}

test('a folder of API projects is served without a database, and changes are served when they are saved', async (t) => {
  const backend = await recordingBackend(t, ({ target }) => ok(JSON.stringify({ target })));
  const folder = join(temporaryHome(t), 'apis');
  writeProject(folder, 'Alpha', `${backend.url}/one`);
  const program = await startProgram(t, { args: ['gateway', '--apis', folder] });
  const gateway = program.urls.gateway as string;
  const serves = (path: string, target: string) =>
    eventually(`${path} leads to ${target}`, 10_000, async () => {
      const answer = await call(gateway, path);
      return answer.status === 200 && answer.json().target === target ? true : undefined;
    });
  await serves('/alpha/1.0.0/items', '/one/items');

  writeFileSync(join(folder, 'Alpha', 'api.yaml'), apiYaml('Alpha', `${backend.url}/two`));
  await serves('/alpha/1.0.0/items', '/two/items');

  const archive = await zip({
    'Beta-1.0.0/api.yaml': apiYaml('Beta', `${backend.url}/zip`),
    'Beta-1.0.0/Definitions/swagger.yaml': definition,
  });
  writeFileSync(join(folder, 'beta.zip'), archive);
  await serves('/beta/1.0.0/items', '/zip/items');

  writeFileSync(join(folder, 'Alpha', 'api.yaml'), 'type: api\ndata:\n  name: [unfinished\n');
  const logged = await eventually('the log names the broken file', 10_000, async () => {
    const text = readFileSync(join(program.home, 'logs', 'sluice.log'), 'utf8');
    return text.includes('api.yaml') ? text : undefined;
  });
  assert.match(logged, /api\.yaml/);
  await serves('/alpha/1.0.0/items', '/two/items');
  assert.equal(await program.stop(), 0);
});

test('a zip bomb and a zip that climbs out of its folder are refused by name, and the other projects are served', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const home = temporaryHome(t);
  const folder = join(home, 'apis');
  writeProject(folder, 'Good', backend.url);
  const zeros = Buffer.alloc(200 * 1024 * 1024);
  writeFileSync(join(folder, 'bomb.zip'), await zip({ 'Bomb-1/api.yaml': zeros }));
  const climbing = await zip({
    'Climb-1/aa/aa/aa/escaped.txt': 'out',
    'Climb-1/api.yaml': apiYaml('Climb', backend.url),
  });
  for (let at = climbing.indexOf('aa/aa/aa'); at >= 0; at = climbing.indexOf('aa/aa/aa'))
    climbing.write('../../..', at);
  writeFileSync(join(folder, 'climb.zip'), climbing);
  const program = await startProgram(t, { args: ['gateway', '--apis', folder] });
  assert.equal((await call(program.urls.gateway as string, '/good/1.0.0/items')).status, 200);
  assert.equal((await call(program.urls.gateway as string, '/climb/1.0.0/items')).status, 404);
  const said = program.stderr() + readFileSync(join(program.home, 'logs', 'sluice.log'), 'utf8');
  assert.match(said, /bomb\.zip/);
  assert.match(said, /climb\.zip/);
  const memory = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]);
  assert.ok(memory < 400 * 1024, `the bomb was not unpacked: ${memory} kB at most`);
});
