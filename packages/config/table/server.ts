import { choice, duration, flag, integer, later, list, none, open, port, secret, text } from '../setting.ts';
import { hostName, listenAddress } from './forms.ts';

/** `[server]`, `[super_admin]` and the ports of the portals. */
export const serverSettings = {
  'server.hostname': text(
    'localhost',
    'Name under which clients reach this installation. It goes into links, into the issuer of tokens and into the certificate made at the first start.',
    { form: hostName, formerly: ['carbon.xml HostName', 'carbon.xml MgtHostName'] },
  ),
  'server.offset': integer(
    0,
    'Added to every port that Sluice listens on, so that several installations fit on one machine.',
    {
      range: [0, 55_000],
      aliases: ['portOffset'],
      formerly: ['carbon.xml Ports/Offset', '-DportOffset'],
    },
  ),
  'server.bind_address': text(
    '127.0.0.1',
    'Address on which the portals, the REST APIs and the key manager listen. The gateway has its own: `transport.http.listener.bind_address`.',
    {
      form: listenAddress,
      derive: (read) => (read('super_admin.password') === 'admin' ? '127.0.0.1' : '0.0.0.0'),
      defaultNote:
        '127.0.0.1 while `super_admin.password` is the well-known default, so that nobody else can sign in with it; every interface once a password is set',
    },
  ),
  'server.server_role': choice(
    ['default', 'control-plane', 'gateway-worker'],
    'default',
    'What this process does: everything, the control plane alone, or a gateway alone. `--role` sets it too.',
    {
      synonyms: {
        all: 'default',
        gateway: 'gateway-worker',
        'api-control-plane': 'control-plane',
        'universal-gateway': 'gateway-worker',
      },
      refused: {
        'traffic-manager':
          'there is no traffic manager to run: gateways decide on quotas themselves. Leave this machine out',
        'api-key-manager-deprecated': 'the key manager is part of the control plane: use "control-plane"',
        'api-publisher': 'the publisher is part of the control plane: use "control-plane"',
        'api-devportal': 'the developer portal is part of the control plane: use "control-plane"',
      },
      formerly: ['-Dprofile'],
    },
  ),
  'transport.https.properties.port': port(
    9443,
    'HTTPS port of the portals, the REST APIs and the key manager, before `server.offset`.',
    {
      formerly: ['catalina-server.xml Connector port'],
    },
  ),
  'transport.http.properties.port': port(
    9763,
    'HTTP port of the portals, health checks and metrics, before `server.offset`.',
    {
      formerly: ['catalina-server.xml Connector port'],
    },
  ),
  'super_admin.username': text('admin', 'Name of the administrator that the first start creates.', {
    formerly: ['user-mgt.xml AdminUser/UserName'],
  }),
  'super_admin.password': secret(
    'admin',
    'Password of that administrator. While it is the default, portals and REST APIs answer on this machine only.',
    {
      defaultNote: 'the well-known `admin`',
      formerly: ['user-mgt.xml AdminUser/Password'],
    },
  ),
  'super_admin.create_admin_account': flag(true, 'Creates the administrator when the user is not there yet.', {
    formerly: ['user-mgt.xml AddAdmin'],
  }),
  'secrets.*': secret(
    undefined,
    'Values for `$secret{alias}` placeholders, in clear text between square brackets: `alias = "[value]"`. Values sealed by the cipher tool cannot be opened here.',
  ),
  ...later('URL import rules', {
    'server.network_security.access_control.mode': choice(
      ['allow', 'deny'],
      undefined,
      'Whether `hosts` lists what imports by URL may reach or may not reach.',
    ),
    'server.network_security.access_control.hosts': list([], 'Host patterns of that rule.'),
    'server.network_security.access_control.block_private_network_access': flag(
      undefined,
      'Refuses imports from private addresses. Today `apim.publisher.allow_private_import` decides.',
    ),
  }),
  ...later('user stores', {
    'user_store.type': text(
      'database_unique_id',
      'Kind of the primary user store. Users are kept in the database of Sluice.',
    ),
    'user_store.*': open('Connection and mapping of an external user store.', {
      formerly: ['user-mgt.xml UserStoreManager'],
    }),
    'super_admin.admin_role': text('admin', 'Role of the administrator.'),
  }),
  ...later('self sign-up', {
    'identity_mgt.user_self_registration.allow_self_registration': flag(
      true,
      'Lets visitors of the developer portal make an account.',
      {
        formerly: ['sign-up-config.xml EnableSignup', 'sign-up-config.xml Enabled'],
      },
    ),
    'identity_mgt.user_self_registration.lock_on_creation': flag(false, 'Locks such an account until it is confirmed.'),
  }),
  ...none('links are built from `server.hostname` and the port in use', {
    'server.base_path': text(undefined, 'Address that WSO2 puts before the links of its consoles.', {
      aliases: ['server.base_path,'],
    }),
    'server.node_ip': text(undefined, 'Address of this node inside a cluster.'),
  }),
  ...none('there is no OSGi server to shut down or to restart through an API; stop and start the process', {
    'server.mode': text('single', 'Clustering mode of the server.'),
    'server.enable_shutdown_from_api': flag(false, 'Lets a SOAP admin service stop the server.'),
    'server.enable_restart_from_api': flag(false, 'Lets a SOAP admin service restart the server.'),
  }),
  ...none('caches are bounded by entry count and kept right by the change feed', {
    'server.default_cache_timeout': duration('min', 15, 'Lifetime of cache entries.', {
      formerly: ['carbon.xml Cache/DefaultCacheTimeout'],
    }),
    'server.force_local_cache': flag(false, 'Keeps caches on one node.', {
      aliases: ['default_cache_timeout.force_local_cache'],
    }),
    'server.discard_empty_caches': flag(false, 'Drops caches without entries.'),
  }),
  ...none('it concerns the Axis2 SOAP server and the Carbon console, which are not there', {
    'server.enableMTOM': flag(false, 'MTOM attachments of admin services.'),
    'server.enableSwA': flag(false, 'SOAP attachments of admin services.'),
    'server.send_stacktrace_details_with_faults': flag(false, 'Stack traces in SOAP faults.'),
    'server.drill_down_to_root_cause_for_fault_reason': flag(false, 'Innermost cause in SOAP faults.'),
    'server.hide_menu_items': list([], 'Menu entries left out of the console.'),
    'server.userAgent': text(undefined, 'User agent of admin service clients.'),
    'server.serverDetails': text(undefined, 'Name of the server in its answers.'),
    'admin_service.*': open('Admin services that are switched off.'),
    'tomcat.*': open('Header filters of the servlet container.'),
    'catalina.*': open('Valves and connectors of the servlet container.', { formerly: ['catalina-server.xml'] }),
    'error_page.*': open('Error pages of the servlet container.'),
    'tenant_context.*': open('Rewriting of tenant paths in the servlet container.'),
    'multi_tenancy.*': open('Cloud services of the console.'),
  }),
  ...none('Sluice makes its own key for what it seals, and keeps it in `security/`', {
    'encryption.key': secret(undefined, 'Symmetric key with which WSO2 seals secrets.'),
    'encryption.*': open('Choice of crypto providers.'),
  }),
  ...none('there is no JVM', {
    'system.parameter.entityExpansionLimit': integer(
      64_000,
      'Most entities an XML parser may expand. Sluice never expands entities that a document declares.',
      { formerly: ['-DentityExpansionLimit'] },
    ),
    'system.parameter.*': open('JVM system properties.'),
    'monitoring.*': open('JMX ports.'),
  }),
};
