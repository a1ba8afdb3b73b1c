import type { Log } from '@sluice/model';
import type { ResponseHead } from '../transport/call.ts';
import { correlationOf } from './correlation.ts';
import type { Exchange } from './exchange.ts';
import { FaultLog } from './fault-log.ts';

/** Stands in WSO2's `warnOnHTTP500` for an answer without a content type. */
const untyped = 'none';

/** Writes a warning for an answer 500 whose media type is one of `types` (any case). */
export function warnOf500(types: readonly string[], log: Log): (exchange: Exchange, head: ResponseHead) => void {
  const wanted = new Set(types.map((type) => type.trim().toLowerCase()));
  const warnings = new FaultLog(log, 'The backend answered 500');
  return (exchange, head) => {
    const type = mediaType(head.header('content-type'));
    if (!wanted.has(type)) return;
    warnings.record(Date.now(), {
      request: exchange.call.id,
      correlation: correlationOf(exchange),
      api: exchange.api?.label,
      endpoint: exchange.leaf?.name,
      backend: `${exchange.route.host}:${exchange.route.port}`,
      contentType: type,
    });
  };
}

/** Without its parameters (RFC 9110 section 8.3.1). */
function mediaType(value: string | undefined): string {
  const type = (value ?? '').split(';', 1)[0]?.trim().toLowerCase();
  return type || untyped;
}
