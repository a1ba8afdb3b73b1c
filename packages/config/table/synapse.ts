import { choice, decimal, duration, flag, integer, later, none, open, properties, size, text } from '../setting.ts';

const off = { range: [-1, 2_147_483_647] as const, special: { value: -1, means: 'off' } };

/** `[synapse_properties]` and `[throttle_properties]`: dumped by WSO2 into the property files of Synapse, each also known by its bare name. */
export const synapseSettings = {
  ...properties('synapse_properties', {
    'synapse.global_timeout_interval': duration(
      'ms',
      120_000,
      'Longest wait for the first byte of an answer from an endpoint that has no duration of its own.',
      { range: [1, 2_147_483_647] },
    ),
    'synapse.global_endpoint_suspend_duration': duration(
      'ms',
      -1,
      'How long a failing endpoint rests where it does not say so itself.',
      off,
    ),
    'synapse.global_endpoint_suspend_progression_factor': decimal(
      1,
      'By what that rest grows from one failure to the next.',
      { range: [0, 1000] },
    ),
    'synapse.override_endpoint_suspend_config_with_global_values': flag(
      false,
      'Lets these two win over what an endpoint says.',
    ),
    'maximum.failover.retries': integer(-1, 'Faults in a row after which an endpoint rests, whatever their codes.', {
      range: [-1, 1_000_000],
      special: { value: -1, means: 'off' },
    }),
    'suspend.duration.on.maximum.failover': duration('ms', 30_000, 'Rest of an endpoint that reached this number.'),
    'maximum.failover.recursive.retries': integer(-1, 'The same of a member of a group.', {
      range: [-1, 1_000_000],
      special: { value: -1, means: 'off' },
    }),
    'suspend.duration.on.maximum.recursive.failover': duration(
      'ms',
      30_000,
      'Rest of an endpoint that reached this number.',
    ),
    'synapse.sal.endpoints.sesssion.timeout.default': duration(
      'ms',
      600_000,
      'How long a load-balanced endpoint keeps a session to one member after its last call. The odd spelling is the one of WSO2.',
      {
        aliases: ['synapse_properties.synapse.sal.endpoints.session.timeout.default'],
        range: [1, 2_147_483_647],
      },
    ),
    ...none('bodies of idempotent requests are kept for another member up to `sluice.gateway.max_repeated_body`', {
      'build.message.on.failover.enable': flag(false, 'Keeps the whole body for an attempt at another endpoint.'),
    }),
    ...later('call-outs of policies', {
      'synapse.connection.read_timeout': duration('ms', 100_000, 'Longest silence of a call-out.'),
      'synapse.connection.connect_timeout': duration('ms', 20_000, 'Longest wait for the connection of a call-out.'),
    }),
    ...later('script policies', {
      'synapse.script.mediator.default.engine': choice(
        ['rhinoJs', 'nashornJs', 'graalJs'],
        'rhinoJs',
        'Engine of scripts in mediation policies.',
      ),
      'limit_java_class_access_in_scripts.enable': flag(true, 'Keeps scripts away from classes.'),
      'limit_java_class_access_in_scripts.list_type': choice(
        ['ALLOW_LIST', 'BLOCK_LIST'],
        'ALLOW_LIST',
        'What the list of prefixes means.',
      ),
      'limit_java_class_access_in_scripts.class_prefixes': text(undefined, 'The list.'),
    }),
    ...none('deadlines have a clock of their own and fire within 50 ms; WSO2 looks for expired calls every 15 s', {
      'synapse.timeout_handler_interval': duration('ms', 15_000, 'Pause between two looks for expired calls.'),
    }),
    ...none('it names classes, files or buffers of the Synapse engine, which is not there', {
      'synapse.observers': text(undefined, 'Observer classes.'),
      'synapse.temp_data.chunk.size': size('bytes', 3072, 'Chunk of temporary data.'),
      'synapse.xpath.func.extensions': text(undefined, 'Classes that add XPath functions.'),
      'synapse.carbon.ext.tenant.info': text(undefined, 'Class that knows tenants.'),
      'synapse.carbon.ext.tenant.info.initiator': text(undefined, 'Class that sets tenants.'),
      'synapse.main.xml.location': text(undefined, 'File of the main sequence.'),
      'synapse.fault.xml.location': text(undefined, 'File of the fault sequence.'),
      'synapse.registry.xml.location': text(undefined, 'File of the registry.'),
      'synapse.commons.json.buildValidNCNames': flag(false, 'Escapes JSON names for XML.', {
        aliases: ['synapse_properties.synapse_commons_json_buildValidNCNames'],
      }),
      'statistics.clean.enable': flag(false, 'Forgets statistics now and then.'),
    }),
    ...none('`server.offset` is added to every port', {
      'inbound.port.offset.enable': flag(true, 'Adds the offset to the ports of inbound endpoints.'),
    }),
    ...none('CORS is decided by `apim.cors` and by the APIs', {
      'synapse.rest.CORSConfig.enabled': flag(false, 'CORS of the Synapse engine.'),
    }),
  }),
  ...none('it names classes of the Synapse engine, which is not there', {
    'synapse_handlers.*': open('Handler classes around every call.'),
    'message_formatter.*': open('Classes that write bodies by content type.'),
    'message_builder.*': open('Classes that read bodies by content type.'),
    'custom_message_formatters.*': open('Further classes that write bodies.'),
    'custom_message_builders.*': open('Further classes that read bodies.'),
    'xml_input_factory.*': open('Features of the XML parser. External entities and DTDs are always off.'),
  }),
};
