import type { ReadSetting } from '../setting.ts';
import { duration, flag, integer, list, none, open, properties, size, text } from '../setting.ts';
import { headerName, headerValue } from './forms.ts';

const socketTimeout = (read: ReadSetting) => Number(read('passthru_http.http.socket.timeout'));
const idleTime = (read: ReadSetting) =>
  socketTimeout(read) === 0
    ? 2_147_483_647
    : Math.max(0, socketTimeout(read) - Number(read('passthru_http.transport.sender.connection.grace.time')));

const threads = 'an event loop has no worker threads; `gateway.workers` says how many processes share the work';
const unlimited = { special: { value: -1, means: 'no limit' }, range: [-1, 2_147_483_647] as const };

/** `[passthru_http]`: the properties of the gateway's HTTP transport, each also known by its bare name from `passthru-http.properties`. */
export const passthruSettings = {
  ...properties('passthru_http', {
    'http.socket.timeout': duration(
      'ms',
      180_000,
      'Longest silence on a connection, of the client or of the backend, before it is closed.',
      { special: { value: 0, means: 'no limit' }, aliases: ['transport.http.socket_timeout'] },
    ),
    'http.connection.timeout': duration('ms', 90_000, 'Longest wait for a TCP connection to a backend.', {
      derive: (read) => Math.floor(socketTimeout(read) / 2),
      defaultNote: 'half of `http.socket.timeout`',
      special: { value: 0, means: 'no limit' },
    }),
    'http.max.connection.per.host.port': integer(
      2_147_483_647,
      'Most connections to one backend (host, port and TLS identity). With all of them busy further requests wait. The worker processes share the number out; each has at least one.',
      { range: [1, 2_147_483_647], aliases: ['transport.http.max_http_connection_per_host_port'] },
    ),
    'http.max.messages.per.host.port': integer(
      2_147_483_647,
      'Most requests that wait for a connection to one backend; one more is answered 503. With 0 none waits. The worker processes share the number out.',
      {
        range: [0, 2_147_483_647],
      },
    ),
    'transport.sender.connection.idle.time': duration(
      'ms',
      170_000,
      'Rest after which a connection to a backend is closed, or sooner where the backend said so. Not used where the grace time is given too, as in WSO2.',
      {
        derive: idleTime,
        defaultNote: '`http.socket.timeout` less `transport.sender.connection.grace.time`',
      },
    ),
    'transport.sender.connection.grace.time': duration(
      'ms',
      10_000,
      'Safety margin: a connection this close to its end, by its rest or by what the backend announced, is not used again.',
    ),
    'transport.sender.connection.maximum.lifespan': duration(
      'ms',
      2_147_483_647,
      'Age after which a connection to a backend is not used again.',
      {
        special: { value: 2_147_483_647, means: 'no limit' },
      },
    ),
    'transport.listener.shutdown.wait.sec': duration(
      's',
      30,
      'Time that calls in flight have to end when the gateway stops. WSO2 waits 0 unless told otherwise.',
    ),
    max_open_connections: integer(
      -1,
      'Most client connections at once, of all processes and both ports together. With so many no more are accepted: new ones wait until some are closed; existing ones go on.',
      { range: [-1, 2_147_483_647], special: { value: -1, means: 'no limit' } },
    ),
    'http.user.agent.preserve': flag(
      false,
      'Hands the User-Agent of the client on to the backend, instead of `http.useragent`.',
      {
        aliases: ['transport.http.preserve_http_user_agent'],
      },
    ),
    'http.headers.preserve': list(
      ['Content-Type'],
      'Request headers that go to the backend as they came although Sluice would write them itself: `User-Agent`, `Host`, `Forwarded`, `X-Forwarded-For` and the like. All others go on anyway, save those of a single connection.',
      {
        aliases: ['transport.http.preserve_http_headers'],
      },
    ),
    'http.useragent': text(
      'Sluice',
      'Value of the User-Agent header that backends see; empty sends none. WSO2 sends Synapse-PT-HttpComponents-NIO.',
      { form: headerValue },
    ),
    correlation_header_name: text(
      'activityid',
      'Header of the client that ties the records of one call together; its value stands in the log beside the id of the call.',
      { form: headerName },
    ),
    'http.server.preserve': flag(
      false,
      'Hands the Server header of the backend on to the client, instead of `http.origin-server`.',
      {
        aliases: ['transport.http.preserve_http_server_name'],
      },
    ),
    'http.response.headers.preserve': list(
      [],
      'Response headers that go to the client as they came although Sluice would write them itself: `Server`. All others go on anyway, save those of a single connection.',
    ),
    'http.origin-server': text(
      'Sluice',
      'Value of the Server header that clients see; empty sends none. WSO2 sends WSO2-PassThrough-HTTP.',
      { form: headerValue },
    ),
    ...none('names of headers are compared without regard to their case, and go on as they were written', {
      ignore_case_sensitive_headers: flag(false, 'Treats header names that differ in case alone as one.'),
    }),
    'http.block_service_list': flag(true, 'Answers 403 for the list of services at `/services` of the gateway.'),
    'message.size.validation.enabled': flag(
      false,
      'Refuses bodies above `valid.max.message.size.in.bytes`, of requests and of answers.',
    ),
    'valid.max.message.size.in.bytes': size(
      'bytes',
      81_920,
      'Largest body: a larger request is answered with 413, a larger answer of a backend becomes 502.',
      {
        aliases: ['transport.http.max_message_size_bytes'],
      },
    ),
    ...none('bodies pass through as they are: nothing builds a message of them at which they could be checked', {
      'force.xml.message.validation': flag(false, 'Refuses XML bodies that are not well formed.'),
      'force.json.message.validation': flag(false, 'Refuses JSON bodies that cannot be parsed.'),
    }),
    ...none('there are no message contexts from which properties would have to be kept for the response', {
      allowed_response_properties: list([], 'Names of message properties kept for the response.'),
    }),
    'http.connection.disable.keepalive': flag(false, 'Closes each connection to a backend after one request.'),
    ...none(
      'always so, without a thread that would be held up: `sluice.gateway.max_discarded_body` and `discard_timeout` bound it',
      {
        consume_and_discard: flag(true, 'Reads the rest of a request to which the backend answered early.'),
      },
    ),
    ...none(
      'always so where all was sent; a connection that breaks in the middle never says goodbye, or a client would take a cut answer for a whole one',
      {
        tls_graceful_connection_termination: flag(true, 'Says goodbye in TLS before a connection is closed.'),
      },
    ),
    ...none('always so: an answer that nobody waits for would be taken for that of the next request', {
      close_socket_on_endpoint_timeout: flag(
        false,
        'Closes the backend connection of a request whose endpoint timed out.',
      ),
    }),
    ...none('always so: a message is gathered before it is written, and there is nothing to wait for', {
      'http.tcp.nodelay': flag(true, 'Sends small packets at once.'),
    }),
    ...none(threads, {
      worker_pool_size_core: integer(400, 'Worker threads kept.', {
        aliases: ['transport.http.core_worker_pool_size'],
      }),
      worker_pool_size_max: integer(500, 'Most worker threads.', { aliases: ['transport.http.max_worker_pool_size'] }),
      worker_thread_keepalive_sec: duration('s', 60, 'Rest after which a surplus worker thread ends.'),
      worker_pool_queue_length: integer(-1, 'Tasks that may wait for a worker thread.', {
        ...unlimited,
        aliases: ['transport.http.worker_pool_queue_length'],
      }),
      secondary_worker_pool_size_core: integer(40, 'Threads kept for discarding request bodies.'),
      secondary_worker_pool_size_max: integer(200, 'Most threads for discarding request bodies.'),
      secondary_worker_thread_keepalive_sec: duration('s', 60, 'Rest after which such a thread ends.'),
      secondary_worker_pool_queue_length: integer(-1, 'Tasks that may wait for such a thread.', unlimited),
      io_threads_per_reactor: integer(undefined, 'I/O dispatcher threads.', {
        defaultNote: 'the number of processors',
      }),
      consume_and_discard_by_secondary_pool: flag(true, 'Discards bodies on threads of their own.'),
      expected_max_queueing_time: duration('ms', 1000, 'Time in the queue of the worker pool that is worth a warning.'),
      expected_max_queueing_time_for_message_discard_worker: duration('ms', 1000, 'The same for discarding.'),
      http_listening_io_reactor_sharing_enable: flag(false, 'Shares I/O reactors between listeners.'),
      'http.nio.interest-ops-queueing': flag(false, 'Works around a fault of AIX selectors.'),
      'http.nio.select-interval': duration('ms', 1000, 'Tick of the reactor. Deadlines in Sluice fire within 50 ms.'),
    }),
    ...none('a body is streamed in the chunks that the sockets give, with back-pressure', {
      io_buffer_size: size('bytes', 16_384, 'Buffer between the two sides of a call.', {
        aliases: ['transport.http.io_buffer_size'],
      }),
      'http.socket.buffer-size': size('bytes', 8192, 'Socket buffer.'),
    }),
    ...none('Node sets it on its sockets by itself, or leaves it to the operating system', {
      'http.socket.linger': integer(-1, 'SO_LINGER of sockets, in seconds.', unlimited),
      'http.socket.reuseaddr': flag(true, 'SO_REUSEADDR of listeners.'),
    }),
    ...none(
      'a connection that died while resting is noticed by its socket, and a request on it is repeated where that is safe',
      {
        'http.connection.stalecheck': flag(false, 'Tries a pooled connection before each use.'),
      },
    ),
    ...none('requests are routed by the APIs that are deployed, tenants included', {
      rest_uri_api_regex: text(undefined, 'Paths that belong to APIs of tenants.'),
      rest_uri_proxy_regex: text(undefined, 'Paths that belong to proxy services of tenants.'),
      'rest.dispatcher.service': text(undefined, 'Axis2 service that takes REST calls.'),
      'passthru.default.service': text(undefined, 'Axis2 service that takes everything else.'),
    }),
    ...none('a request is kept for a repetition only while that is safe, without a setting', {
      'pass.through.transport.enableReplayTransaction': flag(false, 'Keeps requests to play them again.'),
      'pass.through.transport.replay.buffer.log.drop.frequency': integer(100, 'Dropped entries between two log lines.'),
      'pass.through.transport.replay.transaction.max.buffer.size': integer(10_000, 'Entries kept.'),
      'pass.through.transport.replay.transaction.buffer.poll.interval.ms': duration(
        'ms',
        50,
        'Pause between two looks into the buffer.',
      ),
      'pass.through.transport.replay.worker.core.pool.size': integer(4, 'Threads kept.'),
      'pass.through.transport.replay.worker.max.pool.size': integer(8, 'Most threads.'),
      'pass.through.transport.replay.worker.keep.alive.time.ms': duration(
        'ms',
        30_000,
        'Rest after which a thread ends.',
      ),
    }),
  }),
  ...none('the older NHTTP transport is not there; the settings of `passthru_http` hold', {
    ...properties('n_http', {
      snd_t_core: integer(20, 'Sender threads kept.'),
      snd_t_max: integer(100, 'Most sender threads.'),
      snd_alive_sec: duration('s', 5, 'Rest after which a sender thread ends.'),
      snd_qlen: integer(-1, 'Tasks that may wait for a sender thread.', unlimited),
      snd_io_threads: integer(2, 'I/O threads of the sender.'),
      lst_t_core: integer(20, 'Listener threads kept.'),
      lst_t_max: integer(100, 'Most listener threads.'),
      lst_alive_sec: duration('s', 5, 'Rest after which a listener thread ends.'),
      lst_qlen: integer(-1, 'Tasks that may wait for a listener thread.', unlimited),
      lst_io_threads: integer(2, 'I/O threads of the listener.'),
      'http.socket.timeout.receiver': duration(
        'ms',
        60_000,
        'Longest silence of a client. Use `sluice.gateway.client_body_idle_timeout` and `client_write_idle_timeout`.',
      ),
      'http.socket.timeout.sender': duration(
        'ms',
        60_000,
        'Longest silence of a backend. Use `sluice.gateway.first_byte_timeout` and `backend_body_idle_timeout`.',
      ),
    }),
    'n_http.*': open('Properties of the NHTTP transport.', { formerly: ['nhttp.properties'] }),
  }),
};
