import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startProgram, temporaryHome } from '../program/program.ts';
import { eventually } from '../wire/eventually.ts';

const shell = promisify(execFile);

test('the curl line that the start prints answers 200 as it stands, at the first start and at the next', async (t) => {
  const home = temporaryHome(t);
  for (const start of ['first', 'second']) {
    const program = await startProgram(t, { home });
    const line = await eventually(`the ${start} start prints the line`, 5000, async () =>
      program.lines.find((printed) => printed.startsWith('curl ')),
    );
    const { stdout } = await shell('sh', [
      '-c',
      line.trim().replace(/^curl /, "curl --silent --write-out '\\n%{http_code}' "),
    ]);
    const [body = '', status] = stdout.trim().split(/\n(?=\d+$)/);
    assert.equal(status, '200', stdout);
    assert.ok(JSON.parse(body).length >= 3);
    assert.equal(await program.stop(), 0);
  }
});
