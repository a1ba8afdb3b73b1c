import { choice, duration, flag, list, none, open, text } from '../setting.ts';
import { keystoreAt, truststoreAt } from './stores.ts';

const listener = (name: string) => [
  `transport.passthru_https.listener.parameters.${name}`,
  `transport.passthru_https.listener.${name}`,
];
const sender = (name: string) => [
  `transport.passthru_http.sender.parameters.${name}`,
  `transport.passthru_https.sender.parameters.${name}`,
  `transport.passthru_http.sender.${name}`,
  `transport.passthru_https.sender.${name}`,
];
const versions = 'TLSv1.2 and TLSv1.3; older ones, which WSO2 takes too, are left out.';
const suites =
  'Names of IANA and Java or of OpenSSL. A list without suites of TLS 1.3 leaves that version out, and the other way round.';

/** TLS with clients and with backends. */
export const tlsSettings = {
  'transport.http.listener.verify_client': choice(
    ['none', 'optional', 'require'],
    'optional',
    'Whether clients of the HTTPS port show a certificate. `optional` takes one that cannot be verified for none, and asks for none while there is no truststore; `require` ends the connection.',
    { aliases: listener('SSLVerifyClient') },
  ),
  'transport.http.listener.secured_protocols': list(
    ['TLSv1.2', 'TLSv1.3'],
    `TLS versions of the HTTPS port: ${versions}`,
    { aliases: [...listener('HttpsProtocols'), 'transport.passthru_https.listener.protocols'] },
  ),
  'transport.http.listener.preferred_ciphers': list([], `Cipher suites of the HTTPS port, in order. ${suites}`, {
    aliases: listener('PreferredCiphers'),
    defaultNote: 'those that Node.js holds for safe',
  }),
  'transport.http.listener.ssl_profile.file_path': text(
    undefined,
    'File of the listener profiles, from the home: certificates and demands by local address.',
    {
      aliases: ['transport.passthru_https.listener.ssl_profile.file_path'],
      formerly: ['listenerprofiles.xml', 'axis2.xml dynamicSSLProfilesConfig/filePath'],
    },
  ),
  'transport.http.listener.ssl_profile.read_interval': duration(
    'ms',
    600_000,
    'How often the listener profiles and their files are read again, besides the looks at every notice of a change; 0 only at those.',
    {
      aliases: [
        'transport.passthru_https.listener.ssl_profile_interval',
        'transport.passthru_https.listener.ssl_profile.interval',
      ],
      formerly: ['axis2.xml dynamicSSLProfilesConfig/fileReadInterval'],
    },
  ),
  ...keystoreAt(
    'transport.http.listener.keystore',
    'Certificate of the HTTPS port where it is not that of `keystore.tls`.',
    'that of `keystore.tls`',
    ['transport.passthru_https.listener.keystore', 'transport.passthru_https.listener.key_store'],
    ['axis2.xml keystore'],
  ),
  ...truststoreAt(
    'transport.http.listener.truststore',
    'Authorities of client certificates.',
    'those of `truststore`',
    ['transport.passthru_https.listener.truststore', 'transport.passthru_https.listener.trust_store'],
    ['axis2.xml truststore'],
  ),
  'sluice.gateway.client_crl_files': list(
    [],
    'PEM lists of revoked client certificates, in `security/`; every authority of a chain needs its own list. They are read again when they change.',
  ),
  'transport.passthru_https.listener.cert_revocation_validation.enable': flag(
    false,
    'Checks whether client certificates are revoked. WSO2 asks responders (OCSP) and fetches lists in the middle of a handshake; Sluice looks into the files of `sluice.gateway.client_crl_files`, and does not start when there are none.',
    { formerly: ['axis2.xml CertificateRevocationVerifier enable'] },
  ),
  ...none('revoked certificates are looked up in files, whose whole chain is checked: nothing is fetched or cached', {
    'transport.passthru_https.listener.cert_revocation_validation.*': open(
      'Cache of the answers of OCSP responders and of fetched lists.',
      { formerly: ['axis2.xml CertificateRevocationVerifier'] },
    ),
  }),
  ...none('listener profiles are read from the file that `transport.http.listener.ssl_profile.file_path` names', {
    'transport.passthru_https.listener.profile.*': open('Certificates by address.', {
      formerly: ['listenerprofiles.xml'],
    }),
    'transport.passthru_https.listener.ssl_profile.*': open('Further members of the listener profiles.'),
  }),
  'sluice.gateway.certificate[].server_names': list(
    [],
    'Server names (SNI) for which this certificate is shown on the HTTPS port; `*.example.org` stands for one label. Empty: the names in the certificate.',
  ),
  ...keystoreAt('sluice.gateway.certificate[]', 'The certificate: a PEM chain, or a PKCS#12 file.', '', [], []),
  'transport.http.sender.hostname_verifier': text(
    'DefaultAndLocalhost',
    'How the name in a certificate of a backend is compared with the host that was called. `Strict`: a wildcard stands for one label. `Default`, and every other word: for any number. `DefaultAndLocalhost`: the same, and this machine may show any name. `AllowAll`: any name.',
    {
      aliases: [...sender('HostnameVerifier'), 'transport.passthru_https.sender.hostname_verifier'],
      formerly: ['axis2.xml HostnameVerifier'],
    },
  ),
  'transport.http.sender.novalidatecert': flag(
    false,
    'Takes any certificate of a backend, under its right name. Ignored where a truststore is set.',
    { aliases: sender('novalidatecert') },
  ),
  'transport.http.sender.secured_protocols': list(
    ['TLSv1.2', 'TLSv1.3'],
    `TLS versions spoken with backends: ${versions}`,
    { aliases: [...sender('HttpsProtocols'), 'transport.passthru_https.sender.protocols'] },
  ),
  'transport.http.sender.preferred_ciphers': list([], `Cipher suites spoken with backends, in order. ${suites}`, {
    aliases: sender('PreferredCiphers'),
    defaultNote: 'those that Node.js holds for safe',
  }),
  ...keystoreAt(
    'transport.http.sender.keystore',
    'Certificate shown to backends that ask for one.',
    'that of `keystore.tls` where a file is named there',
    ['transport.passthru_https.sender.keystore', 'transport.passthru_https.sender.key_store', 'keystore.ssl_profile'],
    ['axis2.xml keystore', 'sslprofiles.xml'],
  ),
  ...truststoreAt(
    'transport.http.sender.truststore',
    'Authorities of backend certificates. Where it is set, those of the system and of `truststore` do not count.',
    'those of the system and of `truststore`',
    ['transport.passthru_https.sender.truststore', 'transport.passthru_https.sender.trust_store'],
    ['axis2.xml truststore'],
  ),
  'transport.http.sender.ssl_profile.file_path': text(
    undefined,
    'File of the sender profiles, from the home: certificates and truststores by backend, `host:port` or `*`; the first that names a backend holds.',
    {
      aliases: ['transport.passthru_https.sender.ssl_profile.file_path'],
      formerly: ['sslprofiles.xml', 'axis2.xml dynamicSSLProfilesConfig/filePath'],
    },
  ),
  'transport.http.sender.ssl_profile.read_interval': duration(
    'ms',
    600_000,
    'How often the sender profiles and their files are read again, besides the looks at every notice of a change; 0 only at those.',
    {
      aliases: ['transport.passthru_https.sender.ssl_profile.interval'],
      formerly: ['axis2.xml dynamicSSLProfilesConfig/fileReadInterval'],
    },
  ),
  ...none('sender profiles are read from the file that `transport.http.sender.ssl_profile.file_path` names', {
    'transport.passthru_https.sender.ssl_profile.*': open('Further members of the sender profiles.'),
    'transport.passthru_https.sender.parameters.customSSLProfiles.*': open('Certificates by backend.', {
      formerly: ['axis2.xml customSSLProfiles'],
    }),
  }),
};
