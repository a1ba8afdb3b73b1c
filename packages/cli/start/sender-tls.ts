import type { Settings } from '@sluice/config';
import type { SenderOptions, SenderProfile } from '@sluice/gateway';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';
import type { Profile } from '../keystore/profiles.ts';
import { identityOf, keystores, trustedOf, truststores } from '../keystore/stores.ts';
import type { TlsFiles } from '../keystore/tls-files.ts';
import { profilesIn, storeOf } from './tls-profiles.ts';
import { spoken } from './tls-versions.ts';

/** What of the settings and the files that they name concerns TLS with backends. Throws `UsageError`. */
export function senderTls(settings: Settings, home: Home, files: TlsFiles): SenderOptions {
  const identity =
    identityOf(settings, home, keystores.sender, files) ?? identityOf(settings, home, keystores.tls, files);
  const usual = authorities(settings, home, files);
  const setting = 'transport.http.sender.ssl_profile.file_path';
  const read = profilesIn(settings.get(setting), setting, home, files);
  files.warnings.push(...passedOver(read));
  const profiles = read.map((profile) => senderProfile(profile, usual, home, files));
  return {
    ...(identity ? { identity } : {}),
    ...usual,
    ...(usual.trusted === undefined && settings.get('transport.http.sender.novalidatecert')
      ? { anyCertificate: true }
      : {}),
    ...spoken(
      settings.get('transport.http.sender.secured_protocols'),
      settings.get('transport.http.sender.preferred_ciphers'),
    ),
    ...(profiles.length > 0 ? { profiles } : {}),
  };
}

/** A truststore of the sender holds alone; that of the whole installation adds to the authorities of the system. */
function authorities(settings: Settings, home: Home, files: TlsFiles): Pick<SenderProfile, 'trusted' | 'trustsSystem'> {
  const own = trustedOf(settings, home, truststores.sender, files);
  if (own !== undefined) return { trusted: own };
  const shared = trustedOf(settings, home, truststores.all, files);
  return shared === undefined ? {} : { trusted: shared, trustsSystem: true };
}

/** What WSO2 warns of too: a backend that an earlier profile has, and a switch that a truststore puts out of force. */
function passedOver(profiles: readonly Profile[]): string[] {
  const warnings: string[] = [];
  const places = new Map<string, string>();
  for (const { place, servers, truststore, noValidation } of profiles) {
    for (const server of servers) {
      const first = places.get(server);
      if (first === undefined) places.set(server, place);
      else warnings.push(`${place}: ${server} has a profile at ${first} already, which holds`);
    }
    if (truststore && noValidation) warnings.push(`${place}: novalidatecert has no effect beside a <TrustStore>`);
  }
  return warnings;
}

/** One of `sslprofiles.xml`. Without a keystore it shows no certificate; without a truststore the usual authorities are believed. */
function senderProfile(
  { place, servers, keystore, truststore, noValidation }: Profile,
  usual: Pick<SenderProfile, 'trusted' | 'trustsSystem'>,
  home: Home,
  files: TlsFiles,
) {
  if (servers.length === 0) throw new UsageError(`${place}: the profile names no backend in <servers>`);
  return {
    servers: servers.map((server) => server.replace(/[[\]]/g, '')),
    ...(keystore ? { identity: files.identity(storeOf(place, 'KeyStore', keystore, home)) } : {}),
    ...(truststore
      ? { trusted: files.trusted(storeOf(place, 'TrustStore', truststore, home)) }
      : { ...usual, ...(noValidation ? { anyCertificate: true } : {}) }),
  };
}
