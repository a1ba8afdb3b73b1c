import { hostPattern, type Origin } from '@sluice/model';
import { deadlineFindings } from './deadlines.ts';
import { showEffective } from './mask.ts';
import type { Finding } from './report.ts';
import type { SettingEntry, Settings } from './settings.ts';
import { rowOf, type SettingKey } from './table/index.ts';
import { tlsFindings } from './tls-findings.ts';

/**
 * Reports values that are each right and do not fit together. Takes the H2 address of WSO2's own database out of `entries`,
 * since the embedded database of Sluice keeps its file elsewhere.
 */
export function contradictions(settings: Settings, entries: Map<string, SettingEntry>): Finding[] {
  return [
    ...deadlineFindings(settings),
    ...pairs.flatMap((pair) => above(settings, pair)),
    ...bindAddress(settings),
    ...ports(settings),
    ...database(settings, entries),
    ...idleTime(settings),
    ...environments(settings),
    ...credentialsForAll(settings),
    ...patterns(settings),
    ...proxies(settings),
    ...fetchProxy(settings),
    ...proxiedHosts(settings),
    ...tlsFindings(settings),
  ];
}

interface Pair {
  /** Must not be above `most`. */
  readonly least: SettingKey;
  readonly most: SettingKey;
  readonly consequence: string;
}

const pairs: readonly Pair[] = [
  {
    least: 'passthru_http.transport.sender.connection.idle.time',
    most: 'passthru_http.http.socket.timeout',
    consequence: 'resting connections are closed by the socket timeout first',
  },
  {
    least: 'database.apim_db.pool_options.minIdle',
    most: 'database.apim_db.pool_options.maxActive',
    consequence: 'the pool can never hold that many connections',
  },
];

function above(settings: Settings, { least, most, consequence }: Pair): Finding[] {
  const [low, high] = [numberOf(settings, least), numberOf(settings, most)];
  if (low === undefined || high === undefined || low <= high) return [];
  const origin = originOf(settings, [least, most]);
  return [
    {
      severity: 'warning',
      key: least,
      value: shown(settings, least),
      origin,
      problem: `is above ${most} = ${shown(settings, most)}: ${consequence}`,
      expected: `at most ${most}`,
      remedy: `lower ${least} or raise ${most}`,
      nearest: [],
    },
  ];
}

/** Undefined when not set; a value that means "no limit" is above everything. */
function numberOf(settings: Settings, key: SettingKey): number | undefined {
  const value = settings.get(key);
  if (typeof value !== 'number') return undefined;
  return rowOf(key)?.special?.value === value ? Number.POSITIVE_INFINITY : value;
}

function shown(settings: Settings, key: SettingKey): string {
  const setting = rowOf(key);
  return setting === undefined ? '' : showEffective(key, setting, settings.get(key));
}

/** The origin of the first of the keys that somebody set. */
function originOf(settings: Settings, keys: readonly string[]): Origin {
  const origins = keys.map((key) => settings.origin(key));
  return origins.find((origin) => origin.kind !== 'default') ?? { kind: 'default' };
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;

function bindAddress(settings: Settings): Finding[] {
  const address = settings.get('server.bind_address');
  if (settings.get('super_admin.password') !== 'admin' || loopback.test(address)) return [];
  return [
    {
      severity: 'error',
      key: 'server.bind_address',
      value: JSON.stringify(address),
      origin: settings.origin('server.bind_address'),
      problem: 'would let other machines sign in with the well-known default password',
      expected: 'a loopback address (127.0.0.1, ::1, localhost) while super_admin.password is the default',
      remedy: 'set super_admin.password to a password of your own, for example by SLUICE_SUPER_ADMIN__PASSWORD',
      nearest: [],
    },
  ];
}

function ports(settings: Settings): Finding[] {
  const keys = [
    'transport.https.properties.port',
    'transport.http.properties.port',
    'transport.http.listener.secured_port',
    'transport.http.listener.port',
  ] as const;
  const offset = settings.get('server.offset');
  const findings: Finding[] = [];
  const taken = new Map<number, string>();
  for (const key of keys) {
    const base = settings.get(key);
    // 0 lets the system choose a free port.
    if (base === 0) continue;
    const port = base + offset;
    const other = taken.get(port);
    const refuse = (problem: string, remedy: string) =>
      findings.push({
        severity: 'error',
        key,
        value: String(base),
        origin: originOf(settings, [key, ...(other === undefined ? [] : [other]), 'server.offset']),
        problem,
        remedy,
        nearest: [],
      });
    if (port > 65_535)
      refuse(
        `and server.offset = ${offset} make port ${port}, which does not exist`,
        'lower server.offset or the port',
      );
    else if (other !== undefined) refuse(`is also the port of ${other}`, 'give each its own port');
    taken.set(port, key);
  }
  return findings;
}

function database(settings: Settings, entries: Map<string, SettingEntry>): Finding[] {
  const type = settings.get('database.apim_db.type');
  const url = settings.get('database.apim_db.url');
  const origin = originOf(settings, ['database.apim_db.url', 'database.apim_db.type']);
  const finding = (severity: Finding['severity'], problem: string, remedy: string): Finding => ({
    severity,
    key: 'database.apim_db.url',
    ...(url === undefined ? {} : { value: shown(settings, 'database.apim_db.url') }),
    origin,
    problem,
    remedy,
    nearest: [],
  });
  const postgres = url !== undefined && /^(?:jdbc:postgresql|postgres(?:ql)?):\/\//i.test(url);
  if (type === 'postgre') {
    if (url === undefined)
      return [finding('error', 'is missing', 'give the address: url = "jdbc:postgresql://localhost:5432/apim_db"')];
    return postgres
      ? []
      : [finding('error', 'is not the address of a PostgreSQL database', 'write jdbc:postgresql://host:port/database')];
  }
  if (postgres)
    return [finding('error', 'is the address of a PostgreSQL database, and the type is not', 'write type = "postgre"')];
  if (url === undefined || !/^jdbc:/i.test(url)) return [];
  if (/^jdbc:h2:/i.test(url)) {
    const ignored = [
      finding(
        'warning',
        'is the H2 database of WSO2, which is not read; data is kept in data/ in the home',
        'remove the url',
      ),
    ];
    entries.delete('database.apim_db.url');
    return ignored;
  }
  return [
    finding(
      'error',
      'is the address of a database that is not supported',
      'use PostgreSQL, or remove the url for the embedded database',
    ),
  ];
}

/** WSO2 does not look at an explicit idle time once the grace time is given too. */
function idleTime(settings: Settings): Finding[] {
  const idle = 'passthru_http.transport.sender.connection.idle.time';
  const grace = 'passthru_http.transport.sender.connection.grace.time';
  if (settings.origin(idle).kind === 'default' || settings.origin(grace).kind === 'default') return [];
  return [
    {
      severity: 'warning',
      key: idle,
      value: shown(settings, idle),
      origin: settings.origin(idle),
      problem: `is not used, since ${grace} is given: as in WSO2, connections then rest for the socket timeout less the grace time`,
      remedy: 'remove one of the two if that matters to you',
      nearest: [],
    },
  ];
}

function environments(settings: Settings): Finding[] {
  const seen = new Set<string>();
  return settings.rows('apim.gateway.environment').flatMap(({ name }, index): Finding[] => {
    const key = `apim.gateway.environment[${index}].name`;
    const fault = (problem: string, remedy: string): Finding[] => [
      {
        severity: 'error',
        key,
        value: JSON.stringify(name),
        origin: settings.origin(key),
        problem,
        remedy,
        nearest: [],
      },
    ];
    if (name === '') return fault('is empty', 'give the environment a name');
    if (seen.has(name)) return fault('is the name of two gateway environments', 'give each a name of its own');
    seen.add(name);
    return [];
  });
}

/** Browsers refuse credentials with the origin `*` (Fetch standard, CORS check). */
function credentialsForAll(settings: Settings): Finding[] {
  if (!settings.get('apim.cors.allow_credentials') || !settings.get('apim.cors.allow_origins').includes('*')) return [];
  return [
    {
      severity: 'warning',
      key: 'apim.cors.allow_credentials',
      value: 'true',
      origin: originOf(settings, ['apim.cors.allow_credentials', 'apim.cors.allow_origins']),
      problem: 'has no effect while apim.cors.allow_origins holds "*"',
      remedy: 'list the origins that may send credentials',
      nearest: [],
    },
  ];
}

/** Settings that hold regular expressions. */
function patterns(settings: Settings): Finding[] {
  const keys = ['apim.oauth_config.allowed_scopes', 'service_provider.sp_name_regex'] as const;
  return keys.flatMap((key) =>
    [settings.get(key)].flat().flatMap((pattern): Finding[] => {
      const problem = regexProblem(pattern);
      if (problem === undefined) return [];
      return [
        {
          severity: 'error',
          key,
          value: JSON.stringify(pattern),
          origin: settings.origin(key),
          problem: `is not a regular expression: ${problem}`,
          expected: 'a regular expression as JavaScript and Java both read it',
          remedy: 'correct it; in double quotes TOML wants each backslash doubled, in single quotes not',
          nearest: [],
        },
      ];
    }),
  );
}

const profiles = ['transport.http.proxy_profile', 'transport.http.secured_proxy_profile'] as const;

/** A profile without a proxy would send everything past it without a word. */
function proxies(settings: Settings): Finding[] {
  return profiles.flatMap((profile) =>
    settings.rows(profile).flatMap(({ proxy_host, target_hosts }, index): Finding[] => {
      const missing = proxy_host === undefined ? 'proxy_host' : target_hosts.length === 0 ? 'target_hosts' : undefined;
      if (missing === undefined) return [];
      return [
        {
          severity: 'error',
          key: `${profile}[${index}].${missing}`,
          origin: originOf(
            settings,
            membersOf.map((member) => `${profile}[${index}].${member}`),
          ),
          problem: 'is missing',
          remedy: 'give the profile both a proxy_host and target_hosts, or remove it',
          nearest: [],
        },
      ];
    }),
  );
}

function fetchProxy(settings: Settings): Finding[] {
  if (!settings.get('apim.proxy_config.enable') || settings.get('apim.proxy_config.host') !== '') return [];
  return [
    {
      severity: 'error',
      key: 'apim.proxy_config.host',
      origin: settings.origin('apim.proxy_config.enable'),
      problem: 'is missing',
      remedy: 'give the host of the proxy, or remove apim.proxy_config.enable',
      nearest: [],
    },
  ];
}

const membersOf = ['target_hosts', 'proxy_host', 'proxy_port', 'proxy_username', 'proxy_password', 'bypass_hosts'];

/** Settings that hold patterns of hosts. */
function proxiedHosts(settings: Settings): Finding[] {
  const keys = [
    'transport.http.sender.non_proxy_hosts',
    'apim.proxy_config.nonProxyHosts',
    'apim.proxy_config.targetProxyHosts',
  ] as const;
  const lists: [key: string, patterns: readonly string[]][] = [
    ...keys.map((key): [string, readonly string[]] => [key, settings.get(key)]),
    ...profiles.flatMap((profile) =>
      settings.rows(profile).flatMap(({ target_hosts, bypass_hosts }, index): [string, readonly string[]][] => [
        [`${profile}[${index}].target_hosts`, target_hosts],
        [`${profile}[${index}].bypass_hosts`, bypass_hosts],
      ]),
    ),
  ];
  return lists.flatMap(([key, patterns]) => patterns.flatMap((pattern) => hostFinding(settings, key, pattern)));
}

function hostFinding(settings: Settings, key: string, pattern: string): Finding[] {
  try {
    hostPattern(pattern);
    return [];
  } catch (error) {
    return [
      {
        severity: 'error',
        key,
        value: JSON.stringify(pattern),
        origin: settings.origin(key),
        problem: `is neither a host nor a regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`,
        expected: 'a name, a name with *, or a regular expression as JavaScript and Java both read it',
        remedy: 'correct it; in double quotes TOML wants each backslash doubled, in single quotes not',
        nearest: [],
      },
    ];
  }
}

function regexProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}
