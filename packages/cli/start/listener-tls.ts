import { X509Certificate } from 'node:crypto';
import type { RowOf, Settings } from '@sluice/config';
import type { ClientDemand, ListenerProfile, ListenerTls } from '@sluice/gateway';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';
import { tlsIdentity } from '../home/keystore.ts';
import type { Profile } from '../keystore/profiles.ts';
import { identityOf, inSecurity, keystores, trustedOf, truststores } from '../keystore/stores.ts';
import type { TlsFiles } from '../keystore/tls-files.ts';
import { profilesIn, storeOf } from './tls-profiles.ts';
import { spoken } from './tls-versions.ts';

type VerifyClient = 'none' | 'optional' | 'require';
type AddressProfile = ListenerProfile & { readonly address: string };

/** What of the settings and the files that they name concerns TLS with clients. Throws `UsageError`. */
export async function listenerTls(settings: Settings, home: Home, files: TlsFiles): Promise<ListenerTls> {
  const demands = new Demands(settings, home, files);
  const base: ListenerProfile = {
    ...(identityOf(settings, home, keystores.listener, files) ?? (await tlsIdentity(settings, home, files))),
    ...spoken(
      settings.get('transport.http.listener.secured_protocols'),
      settings.get('transport.http.listener.preferred_ciphers'),
    ),
    ...demands.of('transport.http.listener.verify_client', settings.get('transport.http.listener.verify_client')),
  };
  const profiles = [
    ...profilesIn(
      settings.get('transport.http.listener.ssl_profile.file_path'),
      'transport.http.listener.ssl_profile.file_path',
      home,
      files,
    ).map((profile) => addressProfile(profile, base, home, files, demands)),
    profileOfSettings(settings, base, home, files, demands),
  ];
  const named = settings.rows('sluice.gateway.certificate').map((row, index) => certificate(row, index, home, files));
  const addresses = profiles.filter(({ address }) => !isEverywhere(address));
  const { address: _, ...everywhere } = profiles.find(({ address }) => isEverywhere(address)) ?? {
    address: '',
    ...base,
  };
  return {
    ...everywhere,
    ...(named.length > 0 ? { named } : {}),
    ...(addresses.length > 0 ? { addresses } : {}),
  };
}

/** WSO2's way to say that a profile is that of the whole port. */
function isEverywhere(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** One of `listenerprofiles.xml`: what it leaves out is as on the rest of the port. */
function addressProfile(
  profile: Profile,
  base: ListenerProfile,
  home: Home,
  files: TlsFiles,
  demands: Demands,
): AddressProfile {
  const { place, keystore, truststore, verifyClient, bindAddress = '0.0.0.0' } = profile;
  const own = truststore && files.trusted(storeOf(place, 'TrustStore', truststore, home));
  const word = verifyClient?.toLowerCase();
  // As WSO2: any other word asks for no certificate.
  const verify = word === 'require' || word === 'optional' ? word : 'none';
  const clients =
    verifyClient === undefined && own === undefined ? undefined : demands.of(`${place}: SSLVerifyClient`, verify, own);
  return {
    ...base,
    ...(keystore ? files.identity(storeOf(place, 'KeyStore', keystore, home)) : {}),
    ...(profile.protocols.length + profile.ciphers.length > 0 ? spoken(profile.protocols, profile.ciphers, place) : {}),
    ...clients,
    address: bindAddress,
  };
}

/** `[keystore.listener_profile]`. */
function profileOfSettings(
  settings: Settings,
  base: ListenerProfile,
  home: Home,
  files: TlsFiles,
  demands: Demands,
): AddressProfile {
  const verify = settings.get('keystore.listener_profile.ssl_verify_client');
  return {
    ...base,
    ...identityOf(settings, home, keystores.listenerProfile, files),
    ...(verify === undefined ? {} : demands.of('keystore.listener_profile.ssl_verify_client', verify)),
    address: settings.get('keystore.listener_profile.bind_address'),
  };
}

/** A host name (RFC 1123 section 2.1), whose first label may be `*`. What clients name is ASCII (RFC 6066 section 3). */
const serverName = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;

function certificate(row: RowOf<'sluice.gateway.certificate'>, index: number, home: Home, files: TlsFiles) {
  const setting = `sluice.gateway.certificate[${index}].file_name`;
  if (row.file_name === undefined) throw new UsageError(`${setting} is missing: name the file of the certificate`);
  const identity = files.identity({
    setting,
    path: inSecurity(home, row.file_name),
    type: row.type,
    password: row.password,
    keyPassword: row.key_password,
    alias: row.alias,
    ...(row.key_file === undefined ? {} : { keyPath: inSecurity(home, row.key_file) }),
  });
  const names = row.server_names.length > 0 ? row.server_names : namesIn(identity.cert);
  if (names.length === 0) {
    throw new UsageError(
      `sluice.gateway.certificate[${index}].server_names is empty, and ${row.file_name} holds no DNS name: give the names`,
    );
  }
  const wrong = row.server_names.find((name) => !serverName.test(name));
  if (wrong !== undefined) {
    throw new UsageError(
      `sluice.gateway.certificate[${index}].server_names: "${wrong}" is no server name: write a host such as shop.example, or *.shop.example`,
    );
  }
  return { ...identity, names: names.map((name) => name.toLowerCase()) };
}

/** The DNS names for which a certificate was made. */
function namesIn(pem: string): string[] {
  const { subjectAltName = '' } = new X509Certificate(pem);
  return [...subjectAltName.matchAll(/(?:^|, )DNS:([^,"]+)/g)].map(([, name]) => name as string);
}

/** What is demanded of clients; the truststore and the revocations are read once. */
class Demands {
  readonly #trusted: readonly string[] | undefined;
  readonly #revoked: readonly string[];

  constructor(settings: Settings, home: Home, files: TlsFiles) {
    this.#trusted =
      trustedOf(settings, home, truststores.listener, files) ?? trustedOf(settings, home, truststores.all, files);
    const setting = 'sluice.gateway.client_crl_files';
    this.#revoked = settings.get(setting).flatMap((file) => files.revoked({ setting, path: inSecurity(home, file) }));
    const check = 'transport.passthru_https.listener.cert_revocation_validation.enable';
    if (settings.get(check) && this.#revoked.length === 0) {
      throw new UsageError(
        `${check} is true, and there is nothing to look revoked certificates up in: responders (OCSP) and lists in the net are not asked. Name PEM lists in ${setting}, or set ${check} = false`,
      );
    }
  }

  /** `clients` of a profile; absent when nobody is asked for a certificate. */
  of(setting: string, verify: VerifyClient, trusted = this.#trusted): { clients?: ClientDemand } {
    if (verify === 'require' && trusted === undefined) {
      throw new UsageError(
        `${setting} is require, and no authority is believed: name a truststore in [transport.http.listener.truststore] or [truststore]`,
      );
    }
    // Without an authority no certificate could be verified: asking would only trouble people's browsers.
    if (verify === 'none' || trusted === undefined) return {};
    return { clients: { verify, trusted, ...(this.#revoked.length > 0 ? { revoked: this.#revoked } : {}) } };
  }
}
