import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, untilListening } from '../machine/ports.ts';
import { knownKeys, type ProxyProgram, type Site } from './proxy.ts';

export const haproxy: ProxyProgram = {
  key: 'haproxy',
  title: 'HAProxy, bare reverse proxy',
  quick: false,
  needs: 'haproxy',
  warmsUp: false,
  guarded: false,
  routes: true,
  start: (site) => startHaproxy(site, { guarded: false }),
};

export const guardedHaproxy: ProxyProgram = {
  key: 'haproxy-guarded',
  title: 'HAProxy, key map and stick-table limit',
  quick: true,
  needs: 'haproxy',
  warmsUp: false,
  guarded: true,
  routes: true,
  start: (site) => startHaproxy(site, { guarded: true }),
};

async function startHaproxy(
  { bench, core, routes, backendPort, certificateFile }: Site,
  { guarded }: { guarded: boolean },
) {
  const [httpPort = 0, httpsPort = 0] = await freePorts(2);
  const directory = join(bench.directory, `haproxy-${httpPort}`);
  mkdirSync(directory);
  const [file, keysFile, routesFile] = ['haproxy.cfg', 'keys.map', 'routes.map'].map((name) => join(directory, name));
  writeFileSync(
    `${keysFile}`,
    knownKeys()
      .map((key, index) => `${key} consumer-${index}\n`)
      .join(''),
  );
  writeFileSync(`${routesFile}`, routes.map(({ prefix }) => `${prefix}/ backend\n`).join(''));
  // The limit is far above what one core serves: the counter is kept and never fires.
  const guard = `
      stick-table type string len 64 size 100k expire 10m store http_req_rate(60s)
      http-request set-var(txn.consumer) req.hdr(apikey),map_str(${keysFile})
      http-request deny deny_status 401 unless { var(txn.consumer) -m found }
      http-request track-sc0 var(txn.consumer)
      http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000000 }`;
  writeFileSync(
    `${file}`,
    `
    global
      nbthread 1
      maxconn 16384
      no strict-limits
    defaults
      mode http
      timeout connect 5s
      timeout client 75s
      timeout server 75s
      timeout http-keep-alive 75s
      http-reuse always
    frontend calls
      bind 127.0.0.1:${httpPort} backlog 4096
      bind 127.0.0.1:${httpsPort} backlog 4096 ssl crt ${certificateFile}
      ${guarded ? guard.trim() : ''}
      use_backend %[path,map_beg(${routesFile},nowhere)]
    backend backend
      server one 127.0.0.1:${backendPort}
    backend nowhere
      http-request deny deny_status 404
`,
  );
  const program = bench.start(core, 'haproxy', ['-db', '-q', '-f', `${file}`]);
  await Promise.race([Promise.all([untilListening(httpPort), untilListening(httpsPort)]), program.ended]);
  return { pid: program.child.pid, httpPort, httpsPort, stop: () => bench.stop(program) };
}
