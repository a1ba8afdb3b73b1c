import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { readDocument } from './document.ts';
import { describeFinding } from './report.ts';

/** Documents that are not TOML, each broken in another way, parted by lines of dashes. */
const golden = new URL('golden/broken.txt', import.meta.url);
const update = process.env.UPDATE_GOLDEN === '1';

const broken = [
  '[server]\nhostname = localhost\n',
  '[server]\nhostname = "localhost\noffset = 1\n',
  '[server\nhostname = "localhost"\n',
  'offset 1\n',
  '[server]\noffset = 1\noffset = 2\n',
  '[server]\noffset = 1\n[server]\n',
  '[super_admin]\npassword = "hunter2\n',
  '[super_admin]\npasword = "hunter2\n',
  '[super_admin]\nusername = "admin" password = "hunter2"\n',
  '[super_admin]\npassword = """hunter2\nhunter2 = x\n',
  '[super_admin]\npassword = """\nhunter2\n"""hunter2\n',
  'super_admin = { username = "admin", password = "hunter2" oops }\n',
  '[database.apim_db]\nurl = "postgres://u:hunter2@db/apim\n',
  '[keystore.tls]\nkey_password = hunter2\n',
  '[secrets]\nfoo = [hunter2]\n',
  '[a."hunter2]\n',
  'a = [1, 2\n',
  'a = { __proto__ = 1 }\n',
  `a = ${'['.repeat(40)}${']'.repeat(40)}\n`,
  'a = 1 \u0000\n',
];

test('a document that is not TOML is reported with line, column and excerpt, and no secret', () => {
  const text = broken
    .map((source) => {
      const document = readDocument(source, 'deployment.toml');
      assert.equal(document.ok, false, source);
      return document.ok ? '' : describeFinding(document.finding);
    })
    .join('--------\n');
  if (update) writeFileSync(golden, text);
  assert.doesNotMatch(text, /hunter2/);
  assert.equal(text, readFileSync(golden, 'utf8'));
});
