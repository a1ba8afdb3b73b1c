import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { anyPorts, type Program, runProgram, startProgram, temporaryHome } from '../program/program.ts';
import { writeProject } from '../projects/project.ts';
import { call } from '../wire/call.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';

const path = '/shop/1.0.0';

/** A gateway over a folder with the API `Shop`, under more settings; in a process of its own when `workers` says so. */
async function serve(t: TestContext, settings: string, workers = 0, home = temporaryHome(t)): Promise<Program> {
  const backend = await recordingBackend(t, () => ok('here'));
  const folder = temporaryHome(t);
  writeProject(folder, 'Shop', backend.url);
  return startProgram(t, {
    args: ['gateway', '--apis', folder],
    settings,
    home,
    env: { SLUICE_GATEWAY__WORKERS: String(workers) },
  });
}

test('a port of the gateway that is switched off is not opened, and the ready line names the other alone', async (t) => {
  for (const workers of [0, 1]) {
    const plain = await serve(t, '[transport.passthru_https.listener]\nenable = false\n', workers);
    assert.match(plain.lines.at(-1) ?? '', / ms: gateway http:\/\/localhost:\d+$/);
    assert.equal((await call(plain.urls.gateway ?? '', `${path}/items`)).text, 'here');
    const secure = await serve(t, '[transport.passthru_http.listener]\nenable = false\n', workers);
    assert.match(secure.lines.at(-1) ?? '', / ms: gateway https:\/\/localhost:\d+$/);
    assert.equal((await call(secure.urls.gateway ?? '', `${path}/items`)).text, 'here');
    for (const program of [plain, secure]) assert.equal(await program.stop(), 0);
  }
});

test('a gateway without any port is refused, and told what to do', async (t) => {
  const off = '[transport.http.listener]\nenable = false\nsecured_enable = false\nport = 0\nsecured_port = 0\n';
  const settings = anyPorts.replace(/\[transport\.http\.listener\][\s\S]*/, off);
  const { code, stderr } = await runProgram(t, { args: ['start', '--no-sample'], settings });
  assert.notEqual(code, 0);
  assert.match(
    stderr,
    /transport\.http\.listener\.enable and transport\.http\.listener\.secured_enable are both false/,
  );
  assert.doesNotMatch(stderr, /^\s+at /m);
});

test('definitions carry the name and the prefixes of the settings, and none switches them off', async (t) => {
  const items = async (program: Program) => (await call(program.urls.gateway ?? '', `${path}?swagger.json`)).json();
  const named = await serve(t, '[transport.passthru_http.listener.parameters]\nhostname = "api.example"\n', 1);
  const ports = [named.urls.gatewayTls, named.urls.gateway].map((url) => new URL(url ?? '').port);
  assert.deepEqual((await items(named)).servers, [
    { url: `https://api.example:${ports[0]}${path}` },
    { url: `http://api.example:${ports[1]}${path}` },
  ]);
  assert.equal((await call(named.urls.gateway ?? '', '/services')).status, 403);
  const prefixed = await serve(
    t,
    `[transport.passthru_http.listener.parameters]
WSDLEPRPrefix = "http://front.example/"
[transport.passthru_https.listener.parameters]
WSDLEPRPrefix = "https://front.example:444/"
[passthru_http]
'http.block_service_list' = false
`,
  );
  assert.deepEqual((await items(prefixed)).servers, [
    { url: `https://front.example:444${path}` },
    { url: `http://front.example${path}` },
  ]);
  assert.match((await call(prefixed.urls.gateway ?? '', '/services')).text, /Shop\/1\.0\.0/);
  const off = await serve(t, '[transport.passthru_http.listener.parameters]\nhttpGetProcessor = "none"\n');
  for (const target of [`${path}?swagger.json`, '/services', '/services/Version', '/favicon.ico']) {
    assert.equal((await call(off.urls.gateway ?? '', target)).status, 404, target);
  }
  for (const program of [named, prefixed, off]) assert.equal(await program.stop(), 0);
});

test('a file of priorities bounds the calls in flight; one that is wrong stops the start with file, line and remedy', async (t) => {
  const home = temporaryHome(t);
  const file = join(home, 'priorities.xml');
  const setting = '[transport.passthru_http.listener.parameters]\npriorityConfigFile = "priorities.xml"\n';
  const xml = `<priorityConfiguration>
  <priorityExecutor><queues><queue size="5" priority="1"/></queues><threads max="1"/></priorityExecutor>
  <conditions defaultPriority="1"/>
</priorityConfiguration>`;
  writeFileSync(file, xml);
  const program = await serve(t, setting, 1, home);
  const answers = await Promise.all([1, 2, 3, 4].map(() => call(program.urls.gateway ?? '', `${path}/items`)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  assert.equal(await program.stop(), 0);
  const refused = async (text: string | undefined) => {
    const next = temporaryHome(t);
    if (text !== undefined) writeFileSync(join(next, 'priorities.xml'), text);
    const { code, stderr } = await runProgram(t, {
      args: ['start', '--no-sample'],
      settings: `${anyPorts}${setting}`,
      home: next,
    });
    assert.notEqual(code, 0);
    assert.doesNotMatch(stderr, /^\s+at /m);
    return stderr;
  };
  assert.match(await refused(xml.replace(' size="5"', '')), /priorities\.xml:2: <queue> has no size; say how many/);
  assert.match(
    await refused(undefined),
    /priority_config_file names .*priorities\.xml, which cannot be read \(ENOENT\)/,
  );
});
