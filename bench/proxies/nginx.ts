import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, untilListening } from '../machine/ports.ts';
import { knownKeys, type ProxyProgram, type Site } from './proxy.ts';

export const nginx: ProxyProgram = {
  key: 'nginx',
  title: 'nginx, bare reverse proxy',
  quick: true,
  warmsUp: false,
  guarded: false,
  routes: true,
  start: (site) => startNginx(site, { guarded: false }),
};

export const guardedNginx: ProxyProgram = {
  key: 'nginx-guarded',
  title: 'nginx, key map and limit_req',
  quick: true,
  warmsUp: false,
  guarded: true,
  routes: true,
  start: (site) => startNginx(site, { guarded: true }),
};

/** A configuration of one worker that keeps all its files in `directory` and logs no calls. */
export function nginxMain(directory: string, http: string): string {
  // Started by root, the workers would be another user, whom the private directory keeps out.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    ${user}
    daemon off;
    worker_processes 1;
    pid ${directory}/nginx.pid;
    error_log stderr error;
    events { worker_connections 16384; }
    http {
      access_log off;
      ${temporary.map((kind) => `${kind}_temp_path ${directory}/${kind};`).join('\n')}
      ${http}
    }`;
}

async function startNginx(
  { bench, core, routes, backendPort, certificateFile }: Site,
  { guarded }: { guarded: boolean },
) {
  const [httpPort = 0, httpsPort = 0] = await freePorts(2);
  const directory = join(bench.directory, `nginx-${httpPort}`);
  mkdirSync(directory);
  const guard = guarded ? 'if ($consumer = "") { return 401; } limit_req zone=calls burst=1000000 nodelay;' : '';
  const file = join(directory, 'nginx.conf');
  writeFileSync(
    file,
    nginxMain(
      directory,
      `
      ${guarded ? guardTables() : ''}
      upstream backend {
        server 127.0.0.1:${backendPort};
        keepalive 512;
        keepalive_requests 1000000000;
      }
      keepalive_timeout 75s;
      keepalive_requests 1000000000;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      # For large answers a third of the cost of the defaults, which gather them in files: the harder comparison.
      proxy_buffering off;
      proxy_buffers 8 64k;
      proxy_buffer_size 64k;
      server {
        listen 127.0.0.1:${httpPort} backlog=4096;
        listen 127.0.0.1:${httpsPort} ssl backlog=4096;
        ssl_certificate ${certificateFile};
        ssl_certificate_key ${certificateFile};
        ${routes.map(({ prefix }) => `location ${prefix}/ { ${guard} proxy_pass http://backend; }`).join('\n')}
        location / { return 404; }
      }`,
    ),
  );
  const program = bench.start(core, 'nginx', ['-c', file, '-p', directory]);
  await Promise.race([Promise.all([untilListening(httpPort), untilListening(httpsPort)]), program.ended]);
  return { pid: program.child.pid, httpPort, httpsPort, stop: () => bench.stop(program) };
}

/** The rate is far above what one core serves: the counter is kept and never fires. */
function guardTables(): string {
  const keys = knownKeys().map((key, index) => `"${key}" consumer-${index};`);
  return `
    map_hash_bucket_size 128;
    map $http_apikey $consumer { default ""; ${keys.join('\n')} }
    limit_req_zone $consumer zone=calls:10m rate=1000000r/s;`;
}
