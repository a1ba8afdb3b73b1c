import { availableParallelism } from 'node:os';
import { choice, duration, flag, integer, later, list, none, open, size, text } from '../setting.ts';

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
  'gateway.workers': integer(undefined, 'Processes that serve calls; 0 serves them inside the main process.', {
    range: [0, 256],
    aliases: ['sluice.gateway.workers'],
    derive: () => availableParallelism(),
    defaultNote: 'one for each processor',
  }),
  'sluice.compat.fault_status': choice(
    ['sluice', 'wso2'],
    'sluice',
    'Status of answers about a failing backend: `sluice` answers 502, 503 or 504 by the cause, `wso2` always 500.',
  ),
  'sluice.gateway.max_request_line': size('bytes', 16_384, 'Longest request line; above it 414.', {
    range: [256, 1_048_576],
  }),
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
  ...later('throttling', {
    'sluice.throttle.fail': choice(
      ['local-share', 'closed', 'open'],
      'local-share',
      'What a gateway does while the authority on quotas is away: spends its last known share, spends only what it holds, or lets calls pass.',
    ),
  }),
  ...later('worker supervision', {
    'sluice.gateway.stuck_threshold': duration(
      's',
      600,
      'Time without a turn of its event loop after which a worker is replaced; 0 never.',
      {
        formerly: ['catalina-server.xml CarbonStuckThreadDetectionValve/threshold'],
      },
    ),
  }),
  ...later('admission', {
    'sluice.admission.max_in_flight': integer(
      0,
      'Most calls in progress at once; above it calls wait in a queue. 0 sets no bound.',
    ),
    'sluice.admission.max_queue': integer(0, 'Most calls in that queue; above it 503.'),
  }),
  ...later('forwarded headers', {
    'sluice.gateway.forwarded': list(
      [],
      'Headers that tell the backend about the client: `via`, `x-forwarded`, `forwarded`.',
    ),
  }),
};
