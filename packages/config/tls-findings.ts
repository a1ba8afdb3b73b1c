import type { Finding } from './report.ts';
import type { Settings } from './settings.ts';
import { isSuiteOf13, suitesNamed, versionsNamed } from './tls-names.ts';

const sides = [
  {
    versions: 'transport.http.listener.secured_protocols',
    ciphers: 'transport.http.listener.preferred_ciphers',
  },
  {
    versions: 'transport.http.sender.secured_protocols',
    ciphers: 'transport.http.sender.preferred_ciphers',
  },
] as const;

type ListKey = (typeof sides)[number]['versions' | 'ciphers'];

/** What is wrong with the settings of TLS as far as the settings alone tell. */
export function tlsFindings(settings: Settings): Finding[] {
  return [
    ...sides.flatMap(({ versions, ciphers }) => [
      ...unknownNames(settings, versions),
      ...unknownNames(settings, ciphers),
      ...nothingLeft(settings, versions, ciphers),
    ]),
    ...verifier(settings),
    ...validation(settings),
  ];
}

function unknownNames(settings: Settings, key: ListKey): Finding[] {
  const names = settings.get(key);
  const isVersions = key.endsWith('protocols');
  const { unknown, old } = isVersions ? versionsNamed(names) : { ...suitesNamed(names), old: [] };
  const findings: Finding[] = [];
  if (unknown.length > 0) {
    findings.push({
      ...about(settings, key, 'error'),
      problem: `holds ${quoted(unknown)}, which ${isVersions ? 'is no version of TLS' : 'is no cipher suite that is spoken'}`,
      expected: isVersions
        ? 'TLSv1.2 and TLSv1.3, or one of them'
        : 'names such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_AES_128_GCM_SHA256',
      remedy: 'correct or remove the name',
    });
  }
  if (old.length > 0) {
    findings.push({
      ...about(settings, key, 'warning'),
      problem: `holds ${quoted(old)}, which is not spoken any more (RFC 8996) and is left out`,
      remedy: 'remove the name; who needs the old version needs a newer program',
    });
  }
  return findings;
}

/** Versions and suites that have nothing in common. */
function nothingLeft(settings: Settings, versions: ListKey, ciphers: ListKey): Finding[] {
  const { spoken, unknown } = versionsNamed(settings.get(versions));
  const { suites, unknown: strange } = suitesNamed(settings.get(ciphers));
  if (unknown.length + strange.length > 0) return [];
  if (spoken.length === 0) {
    return [
      {
        ...about(settings, versions, 'error'),
        problem: 'leaves no version of TLS to speak',
        expected: 'TLSv1.2 and TLSv1.3, or one of them',
        remedy: 'add TLSv1.2 or TLSv1.3, or remove the setting',
      },
    ];
  }
  const fits =
    suites.length === 0 || suites.some((suite) => spoken.includes(isSuiteOf13(suite) ? 'TLSv1.3' : 'TLSv1.2'));
  if (fits) return [];
  return [
    {
      ...about(settings, ciphers, 'error'),
      problem: `holds no cipher suite of ${spoken.join(' or ')}, the versions in ${versions}`,
      remedy: `add such a suite, or change ${versions}`,
    },
  ];
}

const verifiers = ['Strict', 'AllowAll', 'DefaultAndLocalhost', 'Default'];

/** WSO2 takes every word that it does not know for its default. */
function verifier(settings: Settings): Finding[] {
  const key = 'transport.http.sender.hostname_verifier';
  const value = settings.get(key);
  if (verifiers.some((name) => name.toLowerCase() === value.toLowerCase())) return [];
  return [
    {
      severity: 'warning',
      key,
      value: JSON.stringify(value),
      origin: settings.origin(key),
      problem: 'is not known and means Default, as in WSO2',
      expected: verifiers.join(', '),
      remedy: 'write one of these words',
      nearest: [],
    },
  ];
}

function validation(settings: Settings): Finding[] {
  const key = 'transport.http.sender.novalidatecert';
  const stores = ['transport.http.sender.truststore.file_name', 'truststore.file_name'] as const;
  const store = stores.find((one) => settings.get(one) !== undefined);
  if (!settings.get(key) || store === undefined) return [];
  return [
    {
      severity: 'warning',
      key,
      value: 'true',
      origin: settings.origin(key),
      problem: `has no effect while ${store} is set: certificates of backends are checked against it`,
      remedy: 'remove one of the two',
      nearest: [],
    },
  ];
}

function about(settings: Settings, key: ListKey, severity: Finding['severity']) {
  return { severity, key, value: JSON.stringify(settings.get(key)), origin: settings.origin(key), nearest: [] };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
