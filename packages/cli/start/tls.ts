import type { Settings } from '@sluice/config';
import { assertUsable, type GatewayOptions, type GatewayTls } from '@sluice/gateway';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';
import type { TlsFiles } from '../keystore/tls-files.ts';
import { listenerTls } from './listener-tls.ts';
import { senderTls } from './sender-tls.ts';

/**
 * What of the settings and the files that they name concerns TLS in the data plane. `files` remembers what was read, `ticketKeys` are the
 * 48 secret bytes that all processes share. Throws `UsageError` naming the file that cannot be used and why.
 */
export async function gatewayTls(
  settings: Settings,
  home: Home,
  ticketKeys: Uint8Array,
  files: TlsFiles,
): Promise<GatewayTls> {
  const listener = { ...(await listenerTls(settings, home, files)), ticketKeys };
  const sender = senderTls(settings, home, files);
  try {
    assertUsable(listener);
  } catch (error) {
    throw new UsageError(`TLS on the HTTPS port cannot be set up: ${(error as Error).message}`, { cause: error });
  }
  return { listener, sender };
}

/** WSO2's values of `HostnameVerifier`, compared without case. */
const verifications = {
  defaultandlocalhost: 'default-and-localhost',
  strict: 'strict',
  allowall: 'allow-all',
} as const;

/** How names in certificates of backends are compared: as WSO2, any other word than these is its default. */
export function hostnameVerification(settings: Settings): NonNullable<GatewayOptions['hostnameVerification']> {
  const name = settings.get('transport.http.sender.hostname_verifier').toLowerCase();
  return verifications[name as keyof typeof verifications] ?? 'default';
}
