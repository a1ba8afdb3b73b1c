import type { ReadSetting } from '../setting.ts';
import { choice, duration, flag, later, none, open, secret, text } from '../setting.ts';

const convert =
  'Java keystores are not read. Convert it once: keytool -importkeystore -srckeystore {file_name} -destkeystore {file_name}.p12 -deststoretype PKCS12; then name the new file and write type = "PKCS12"';

const storeTypes = ['PEM', 'PKCS12'] as const;
const typeOf = (file: string) => ({
  synonyms: { P12: 'PKCS12', PFX: 'PKCS12' },
  refused: { JKS: convert, JCEKS: convert, BCFKS: convert },
  derive: (read: ReadSetting) =>
    (/\.(p12|pfx)$/i.test(String(read(file) ?? '')) ? 'PKCS12' : 'PEM') as 'PEM' | 'PKCS12',
  defaultNote: 'PKCS12 for a file that ends in .p12 or .pfx, else PEM',
});

/** `[keystore.*]` and `[truststore]`. Files are looked for in `security/` unless the path is absolute. */
export const keystoreSettings = {
  'keystore.tls.file_name': text(
    undefined,
    'Certificate of the TLS listeners: a PEM chain, or a PKCS#12 file with certificate and key.',
    {
      defaultNote: 'a self-signed certificate for `server.hostname` is made at the first start',
      formerly: ['carbon.xml KeyStore/Location'],
    },
  ),
  'keystore.tls.type': choice(storeTypes, 'PEM', 'Format of that file.', {
    ...typeOf('keystore.tls.file_name'),
    formerly: ['carbon.xml KeyStore/Type'],
  }),
  'keystore.tls.password': secret(undefined, 'Password of the PKCS#12 file, or of an encrypted PEM key.', {
    formerly: ['carbon.xml KeyStore/Password'],
  }),
  'keystore.tls.key_file': text(undefined, 'PEM file of the private key.', {
    defaultNote: 'the key is looked for in `file_name`',
  }),
  'keystore.tls.key_password': secret(undefined, 'Password of the private key where it is not that of the file.', {
    formerly: ['carbon.xml KeyStore/KeyPassword'],
  }),
  ...none('a PEM or PKCS#12 file holds one certificate with its key, which is the one in use', {
    'keystore.tls.alias': text(undefined, 'Name of the entry in a Java keystore.', {
      formerly: ['carbon.xml KeyStore/KeyAlias'],
    }),
  }),
  'truststore.file_name': text(
    undefined,
    'Certificates of authorities that a gateway trusts besides those of the system, such as the one of its control plane.',
    {
      formerly: ['carbon.xml TrustStore/Location'],
    },
  ),
  'truststore.type': choice(storeTypes, 'PEM', 'Format of that file.', typeOf('truststore.file_name')),
  ...none('certificates to trust are no secret: they are read from PEM files, which have no password', {
    'truststore.password': secret(undefined, 'Password of that file.'),
    'truststore.*': open('Further members of the truststore.'),
  }),
  ...later('TLS profiles', {
    'keystore.listener_profile.bind_address': text('0.0.0.0', 'Address for which the listener profile holds.'),
    'keystore.listener_profile.ssl_verify_client': choice(
      ['optional', 'require'],
      'optional',
      'Whether clients under that profile show a certificate.',
    ),
    'keystore.listener_profile.*': open('Certificate of the listener profile.'),
    'keystore.ssl_profile.*': open('Certificates shown to single backends.'),
    'apim.certificate_reloader.period': duration('s', 600, 'How often certificate files are looked at for changes.'),
  }),
  ...none(
    'tokens are signed with keys that Sluice makes at the first start, keeps sealed in its database and rotates',
    {
      'keystore.primary.*': open('Keystore that signs tokens in WSO2.', { formerly: ['carbon.xml RegistryKeyStore'] }),
      'keystore.internal.*': open('Keystore that seals internal data in WSO2.', {
        formerly: ['carbon.xml InternalKeyStore'],
      }),
      'keystore.userstore_password_encryption': text('', 'Keystore that seals user store passwords.'),
    },
  ),
  ...later('mutual TLS', {
    'apimgt.mutual_ssl.certificate_header': text(
      'X-WSO2-CLIENT-CERTIFICATE',
      'Header in which a load balancer hands the certificate of the client on.',
    ),
    'apimgt.mutual_ssl.enable_client_validation': flag(
      true,
      'Whether a client certificate of the connection itself is asked for besides that header.',
    ),
    'apimgt.mutual_ssl.forward_client_certificate_header': flag(false, 'Whether that header goes on to the backend.'),
    'apimgt.mutual_ssl.*': open('Further switches of certificate checks.'),
  }),
};
