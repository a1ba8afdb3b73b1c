import { choice, duration, flag, later, none, open, text } from '../setting.ts';
import { listenAddress } from './forms.ts';
import { keystoreAt, truststoreAt } from './stores.ts';

/** `[keystore.*]` and `[truststore]`. Files are looked for in `security/` unless the path is absolute. */
export const keystoreSettings = {
  ...keystoreAt(
    'keystore.tls',
    'Certificate of the TLS listeners: a PEM chain, or a PKCS#12 file with certificate and key.',
    'a self-signed certificate for `server.hostname` is made at the first start',
    [],
    ['carbon.xml KeyStore'],
  ),
  ...truststoreAt(
    'truststore',
    'Certificates of authorities that a gateway trusts besides those of the system, such as the one of its control plane; also those of client certificates.',
    'the authorities of the system alone',
    [],
    ['carbon.xml TrustStore'],
  ),
  ...none('certificates to trust are all those in the file', {
    'truststore.*': open('Further members of the truststore.'),
  }),
  'keystore.listener_profile.bind_address': text(
    '0.0.0.0',
    'Local address for which this certificate is shown instead of that of the HTTPS port; 0.0.0.0 is every one.',
    { form: listenAddress },
  ),
  'keystore.listener_profile.ssl_verify_client': choice(
    ['none', 'optional', 'require'],
    undefined,
    'Whether clients that come to that address show a certificate.',
    { defaultNote: '`transport.http.listener.verify_client`' },
  ),
  ...keystoreAt(
    'keystore.listener_profile',
    'Certificate that is shown to clients that come to that address.',
    'that of the HTTPS port',
    [],
    ['listenerprofiles.xml'],
  ),
  'apim.certificate_reloader.period': duration(
    's',
    600,
    'How often certificate files are looked at for changes, besides the looks at every notice of a change; 0 only at those.',
  ),
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
