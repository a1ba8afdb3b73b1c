import { isAbsolute, join } from 'node:path';
import type { SettingKey, Settings, ValueOf } from '@sluice/config';
import type { TlsIdentity } from '@sluice/gateway';
import type { Home } from '../home/home.ts';
import type { TlsFiles } from './tls-files.ts';

/** Keys of settings whose values are texts that may be missing. */
type TextKey = { [K in SettingKey]: string | undefined extends ValueOf<K> ? K : never }[SettingKey];
type TypeKey = { [K in SettingKey]: [ValueOf<K>] extends ['PEM' | 'PKCS12' | undefined] ? K : never }[SettingKey];

/** The settings that name a truststore. */
interface TruststoreKeys {
  readonly file: TextKey;
  readonly type: TypeKey;
  readonly password: TextKey;
}

/** The settings that name a keystore. */
interface KeystoreKeys extends TruststoreKeys {
  readonly keyFile: TextKey;
  readonly keyPassword: TextKey;
  readonly alias: TextKey;
}

export const keystores = {
  tls: {
    file: 'keystore.tls.file_name',
    type: 'keystore.tls.type',
    password: 'keystore.tls.password',
    keyFile: 'keystore.tls.key_file',
    keyPassword: 'keystore.tls.key_password',
    alias: 'keystore.tls.alias',
  },
  listener: {
    file: 'transport.http.listener.keystore.file_name',
    type: 'transport.http.listener.keystore.type',
    password: 'transport.http.listener.keystore.password',
    keyFile: 'transport.http.listener.keystore.key_file',
    keyPassword: 'transport.http.listener.keystore.key_password',
    alias: 'transport.http.listener.keystore.alias',
  },
  listenerProfile: {
    file: 'keystore.listener_profile.file_name',
    type: 'keystore.listener_profile.type',
    password: 'keystore.listener_profile.password',
    keyFile: 'keystore.listener_profile.key_file',
    keyPassword: 'keystore.listener_profile.key_password',
    alias: 'keystore.listener_profile.alias',
  },
  sender: {
    file: 'transport.http.sender.keystore.file_name',
    type: 'transport.http.sender.keystore.type',
    password: 'transport.http.sender.keystore.password',
    keyFile: 'transport.http.sender.keystore.key_file',
    keyPassword: 'transport.http.sender.keystore.key_password',
    alias: 'transport.http.sender.keystore.alias',
  },
} as const satisfies Record<string, KeystoreKeys>;

export const truststores = {
  all: { file: 'truststore.file_name', type: 'truststore.type', password: 'truststore.password' },
  listener: {
    file: 'transport.http.listener.truststore.file_name',
    type: 'transport.http.listener.truststore.type',
    password: 'transport.http.listener.truststore.password',
  },
  sender: {
    file: 'transport.http.sender.truststore.file_name',
    type: 'transport.http.sender.truststore.type',
    password: 'transport.http.sender.truststore.password',
  },
} as const satisfies Record<string, TruststoreKeys>;

/** Reads the keystore that these settings name; undefined where they name none. Throws `UsageError`. */
export function identityOf(
  settings: Settings,
  home: Home,
  keys: KeystoreKeys,
  files: TlsFiles,
): TlsIdentity | undefined {
  const file = settings.get(keys.file);
  if (file === undefined) return undefined;
  const keyFile = settings.get(keys.keyFile);
  return files.identity({
    setting: keys.file,
    path: inSecurity(home, file),
    type: settings.get(keys.type),
    password: settings.get(keys.password),
    keyPassword: settings.get(keys.keyPassword),
    alias: settings.get(keys.alias),
    ...(keyFile === undefined ? {} : { keyPath: inSecurity(home, keyFile) }),
  });
}

/** Reads the truststore that these settings name, as PEM certificates; undefined where they name none. Throws `UsageError`. */
export function trustedOf(settings: Settings, home: Home, keys: TruststoreKeys, files: TlsFiles): string[] | undefined {
  const file = settings.get(keys.file);
  if (file === undefined) return undefined;
  return files.trusted({
    setting: keys.file,
    path: inSecurity(home, file),
    type: settings.get(keys.type),
    password: settings.get(keys.password),
  });
}

/** Where WSO2's configurations have their keystores, which are in `security/` here. */
const carbonFolder = /^(?:\$\{carbon\.home\}\/)?repository\/resources\/security\//;

/** Absolute paths stay as they are; all others are below `security/`. */
export function inSecurity(home: Home, file: string): string {
  return isAbsolute(file) ? file : join(home.security, file.replace(carbonFolder, ''));
}
