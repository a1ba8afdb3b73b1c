import { join } from 'node:path';
import type { Log, LogFields } from '@sluice/model';
import pino, { type Logger } from 'pino';
import { LogFile } from './log-file.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** JSON lines in `logs/sluice.log`, and what people should see at once on stderr. */
export function openLog(logs: string, level: LogLevel): Log {
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.multistream([
      { level, stream: new LogFile(join(logs, 'sluice.log')) },
      { level: 'warn', stream: { write: toStderr } },
    ]),
  );
  return bind(logger);
}

/** For commands that only look: warnings on stderr, and no file. */
export function commandLog(): Log {
  return bind(
    pino(
      {
        level: 'warn',
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: toStderr },
    ),
  );
}

function toStderr(line: string): void {
  process.stderr.write(readable(line));
}

function bind(logger: Logger): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void =>
      fields ? logger[level](fields, message) : logger[level](message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => bind(logger.child(fields)),
  };
}

/** `21:04:05 WARN message key=value` from one JSON line. */
function readable(line: string): string {
  const { level, time, msg, pid: _, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const facts = Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('');
  return `${String(time).slice(11, 19)} ${String(level).toUpperCase()} ${msg}${facts}\n`;
}
