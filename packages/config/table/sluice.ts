import { availableParallelism } from 'node:os';
import { choice, decimal, duration, flag, integer, list, none, open, size, text } from '../setting.ts';
import { pseudonym } from './forms.ts';

const socketTimeout = 'passthru_http.http.socket.timeout';

/** A part of what WSO2 has one setting for. */
const silence = (description: string) =>
  duration('ms', 180_000, description, {
    derive: (read) => Number(read(socketTimeout)),
    defaultNote: '`http.socket.timeout`',
    special: { value: 0, means: 'no limit' },
  });

/** The access log and what only Sluice has. */
export const sluiceSettings = {
  'http_access_log.enabled': flag(true, 'Writes one line for each call of the gateway.', {
    aliases: ['http_access_log.enable'],
  }),
  'http_access_log.directory': text(undefined, 'Folder of the access log.', { defaultNote: '`logs/` in the home' }),
  'http_access_log.prefix': text('http_access_', 'Beginning of the names of access log files.'),
  'http_access_log.suffix': text('.log', 'End of the names of access log files.'),
  'http_access_log.pattern': text(
    '%h %l %u %t %r %s %b %{Referer}i %{User-Agent}i %T',
    'What a line holds, in the letters of Tomcat.',
  ),
  ...none('the pattern is taken in full', { 'http_access_log.*': open('Further members of the Tomcat access log.') }),
  'sluice.compat.fault_status': choice(
    ['sluice', 'wso2'],
    'sluice',
    'Status of answers about a failing backend: `sluice` answers 502, 503 or 504 by the cause, `wso2` always 500.',
  ),
  'sluice.gateway.max_request_line': size(
    'bytes',
    16_384,
    'Longest request target, path and query together; above it 414.',
    {
      range: [256, 1_048_576],
    },
  ),
  'sluice.gateway.max_head_size': size(
    'bytes',
    65_536,
    'Largest request or response head, all header lines together; above it 431.',
    {
      range: [1024, 1_048_576],
    },
  ),
  'sluice.publisher.max_revisions': integer(5, 'Most revisions kept of one API. The REST API refuses one more.', {
    range: [1, 1000],
  }),
  'sluice.throttle.fail': choice(
    ['local-share', 'closed', 'open'],
    'local-share',
    'What a gateway does while the authority on quotas is away: spends its last known share, spends only what it holds, or lets calls pass.',
  ),
  'sluice.throttle.wait': duration(
    'ms',
    2000,
    'Longest wait of a call for the word of the authority on quotas, which the main process has; then `fail` decides.',
    { range: [1, 10_000] },
  ),
  'sluice.throttle.rate_limit_headers': flag(
    false,
    'Answers tell clients what is left, in the headers RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers).',
  ),
  'sluice.throttle.count_response_bytes': flag(
    false,
    'Counts the bodies of answers against bandwidth quotas too. WSO2 counts those of requests alone.',
  ),
  'sluice.throttle.trusted_proxies': list(
    [],
    'Addresses and networks (`10.0.0.0/8`) of your proxies in front of the gateway: what they say in X-Forwarded-For about the client is believed where deny policies, conditions and custom policies ask for its address. With none, the client is whoever opened the connection.',
  ),
  'sluice.throttle.near_limit_events': flag(
    true,
    'Says in the log, and in `logs/throttle_events.log` for other programs, when four fifths of a limit are used and when all of it is.',
  ),
  'sluice.graphql.max_body_size': size(
    'bytes',
    1_048_576,
    'Largest body with a query of GraphQL; above it 413. It is read as a whole before it is sent on.',
    { range: [1024, 16_777_216] },
  ),
  'sluice.graphql.max_tokens': integer(10_000, 'Most words and signs of a query of GraphQL; above it 422.', {
    range: [10, 1_000_000],
  }),
  'sluice.explain.kept': integer(
    1000,
    'Calls that each process remembers for `sluice explain`: so many that failed, and as many each that were refused, given up by their clients, and drawn.',
    { range: [0, 100_000] },
  ),
  'sluice.explain.share': decimal(
    0,
    'Share of all calls, 0 to 1, that are remembered however they end. Each costs its process a few microseconds.',
    { range: [0, 1] },
  ),
  'gateway.workers': integer(undefined, 'Processes that serve calls; 0 serves them inside the main process.', {
    range: [0, 256],
    aliases: ['sluice.gateway.workers'],
    derive: () => availableParallelism(),
    defaultNote: 'one for each processor',
  }),
  'sluice.gateway.pool_wait_timeout': duration(
    'ms',
    30_000,
    'Longest wait of a call for a free connection to its backend.',
    { aliases: ['transport.pool_wait_timeout'] },
  ),
  'sluice.gateway.dns_ttl': duration(
    's',
    30,
    'Time for which the addresses of a backend are used without asking for them anew; 0 asks for each connection. The resolver of the system tells no time to live of its own.',
  ),
  'sluice.gateway.dns_stale': duration(
    's',
    600,
    'Time beyond that for which they go on being used while the name cannot be resolved.',
  ),
  'sluice.gateway.dns_timeout': duration(
    'ms',
    5000,
    'Longest wait for the resolver; 0 leaves it to the connection timeout.',
  ),
  'sluice.gateway.client_head_timeout': duration(
    'ms',
    60_000,
    'Longest time from the first byte of a request head to its end.',
  ),
  'sluice.gateway.client_body_idle_timeout': silence(
    'Longest silence of a client in the middle of a request; after it 408.',
  ),
  'sluice.gateway.client_write_idle_timeout': silence(
    'For how long a client may take nothing of its answer before the connection is closed.',
  ),
  'sluice.gateway.backend_write_idle_timeout': silence(
    'For how long a backend may take nothing of a request; after it 504.',
  ),
  'sluice.gateway.first_byte_timeout': silence(
    'Longest silence of a backend that has all of the request, until its answer begins; after it 504.',
  ),
  'sluice.gateway.backend_body_idle_timeout': silence(
    'Longest silence of a backend in the middle of its answer before the answer is broken off.',
  ),
  'sluice.gateway.keep_alive_timeout': duration('ms', 180_000, 'Rest after which a client connection is closed.', {
    derive: (read) => Number(read(socketTimeout)),
    defaultNote: '`http.socket.timeout`',
  }),
  'sluice.gateway.tls_handshake_timeout': duration('ms', 30_000, 'Longest TLS handshake, with a client or a backend.'),
  'sluice.gateway.continue_wait': duration(
    'ms',
    1000,
    'How long a client that expects `100 Continue` waits for the word of the backend before it gets that of the gateway.',
  ),
  'sluice.gateway.discard_timeout': duration(
    'ms',
    5000,
    'How long the rest of a refused request is read and thrown away.',
  ),
  'sluice.gateway.max_discarded_body': size('bytes', 262_144, 'How much of it.'),
  'sluice.gateway.half_close': flag(
    false,
    'Answers clients that close their sending side before they have their answer; otherwise such a client counts as one that has gone away, and its call ends.',
  ),
  'sluice.gateway.http2.enabled': flag(true, 'Offers HTTP/2 to clients that speak TLS (by ALPN).'),
  'sluice.gateway.http2.max_concurrent_streams': integer(
    100,
    'Most calls at once on one HTTP/2 connection of a client.',
    {
      range: [1, 10_000],
    },
  ),
  'sluice.gateway.http2.max_resets': integer(
    200,
    'Most calls that a client may break off on one HTTP/2 connection within ten seconds; above it the connection ends (ENHANCE_YOUR_CALM).',
    { range: [1, 100_000] },
  ),
  'sluice.gateway.max_header_count': integer(200, 'Most header lines of a message; above it 431.', {
    range: [1, 10_000],
  }),
  'sluice.gateway.max_chunk_extension': size(
    'bytes',
    1024,
    'By how much the extensions of chunks may exceed the data before them, and largest trailers of a message; above it 400.',
  ),
  'sluice.gateway.max_repeated_body': size(
    'bytes',
    65_536,
    'Largest body that is kept while it is sent, so that it can be sent again: to a backend with digest or OAuth security that asks for credentials, and, of idempotent requests, to another member of a group; 0 repeats calls without a body alone.',
    { range: [0, 16_777_216] },
  ),
  'sluice.gateway.retry_share': decimal(
    0.2,
    'Share of the calls of the last ten seconds that a group of endpoints may send to another member after the first one had the request and failed, 0 to 1. What never reached a backend is always sent elsewhere.',
    { range: [0, 1] },
  ),
  'sluice.gateway.retry_floor': integer(10, 'How many it may in each second at least.', { range: [0, 1_000_000] }),
  'sluice.gateway.max_sessions': integer(
    50_000,
    'Sessions that one load-balanced endpoint keeps to their members; beyond it the one that was used least recently is forgotten.',
    { range: [1, 1_000_000] },
  ),
  'sluice.gateway.dynamic_hosts': list(
    [],
    'Hosts that calls may choose themselves where the endpoint of an API leaves that to them: by the header To of a default endpoint, or by a variable in the host of a URL. A name or a pattern (`*.example.com`), with `:8080` for a port, `:*` for any, or nothing for the one of the scheme. With none, such calls are refused.',
  ),
  'sluice.gateway.max_recipient_body': size(
    'bytes',
    1_048_576,
    'Largest body of a call that goes to several recipients: it is kept until all have it; above it 413.',
    { range: [0, 67_108_864] },
  ),
  'sluice.security.endpoint_key_file': text(
    'security/endpoint.key',
    'File with the key that seals the secrets of endpoints in the database, in the feed and in the last picture that gateways keep; from the home. It is made at the first start. Gateways elsewhere, and further control planes over the same database, need a copy.',
  ),
  'sluice.gateway.token_cache_size': integer(
    10_000,
    'Most proven tokens that a gateway remembers; 0 proves each call anew.',
  ),
  'sluice.gateway.token_clock_skew': duration('ms', 0, 'How far the clocks of issuer and gateway may lie apart.', {
    range: [0, 600_000],
  }),
  'sluice.gateway.large_pages': flag(
    true,
    'Whether gateway processes keep the code of the runtime in large pages of memory, where Linux has them: a call costs about an eighth less processor time, a process takes 20 MB more.',
  ),
  'sluice.gateway.stuck_threshold': duration(
    's',
    600,
    'Time without a turn of its event loop after which a worker is replaced; 0 never.',
    {
      formerly: ['catalina-server.xml CarbonStuckThreadDetectionValve/threshold'],
    },
  ),
  'sluice.gateway.admission.max_in_flight': integer(
    0,
    'Most calls that one process works on at once; above it calls wait. 0 takes the number of threads that the file of priorities gives, and without such a file sets no bound.',
    { range: [0, 1_000_000] },
  ),
  'sluice.gateway.admission.max_queue': integer(
    1000,
    'Most calls that wait in one process, in the one queue or in each to which the file of priorities gives no size; above it 503.',
    { range: [0, 1_000_000] },
  ),
  'sluice.gateway.admission.queue_timeout': duration(
    'ms',
    5000,
    'Longest wait of a call for others to end; after it 503.',
    { range: [1, 600_000] },
  ),
  'sluice.gateway.websocket_idle_timeout': duration(
    'ms',
    900_000,
    'Longest silence of both sides of a web socket before it is closed; pings count as words.',
    { special: { value: 0, means: 'no limit' } },
  ),
  'sluice.gateway.x_forwarded': choice(
    ['append', 'trust', 'replace', 'off'],
    'append',
    'What X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host tell the backend. `append` adds the client to the addresses that it sent itself, and gives scheme and host as the gateway saw them; `trust` keeps scheme and host that were sent, for a gateway behind a proxy of yours; `replace` believes nothing that was sent; `off` passes on what came.',
  ),
  'sluice.gateway.forwarded': choice(
    ['append', 'replace', 'off'],
    'off',
    'The same for Forwarded (RFC 7239): adds an element to what the client sent, sends only its own, or passes on what came.',
  ),
  'sluice.gateway.via': text(
    '',
    'Name that the gateway gives itself in the Via header of requests (RFC 9110 section 7.6.3); empty sends none, as WSO2 does: web servers often do not compress answers to requests with a Via.',
    { form: pseudonym },
  ),
  'sluice.gateway.send_correlation_id': flag(
    false,
    'Sends the id of the call in the header of `correlation_header_name` where the client sent none.',
  ),
};
