import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { silentLog } from '@sluice/model';
import fc from 'fast-check';
import type { Exchange } from '../chain/exchange.ts';
import type { CallOutcome } from '../transport/call.ts';
import { Batch } from './batch.ts';
import { escapeValue } from './mask.ts';
import { compilePattern, defaultPattern } from './pattern.ts';
import { AccessLogWriter } from './writer.ts';

const outcome: CallOutcome = {
  status: 200,
  bytesIn: 0,
  bytesOut: 12,
  duration: 34.4,
  backendTime: 30,
  backend: { host: '127.0.0.1', port: 1, tls: null },
  end: 'complete',
  broken: null,
};

function exchange(target: string, headers: Readonly<Record<string, string>> = {}): Exchange {
  const query = target.includes('?') ? target.slice(target.indexOf('?')) : '';
  const head = {
    method: 'GET',
    target,
    query,
    path: target.split('?')[0],
    host: 'Gw.example:8243',
    majorVersion: 1,
    minorVersion: 1,
    header: (name: string) => headers[name],
  };
  const call = { id: 'r-1', head, remoteAddress: '10.0.0.1', localPort: 8243, startedAt: Date.UTC(2026, 10, 21) };
  return {
    call,
    api: null,
    token: { user: 'mary ann', loggedAs: 'mary\\x20ann' },
    logged: new Map([['server', 'b']]),
    ownHeaders: null,
  } as unknown as Exchange;
}

function format(pattern: string, one: Exchange): string {
  // So little room that every record outgrows it.
  const batch = new Batch(1);
  batch.begin();
  compilePattern(pattern).write(batch, one, outcome);
  batch.end();
  return batch.records.toString('latin1').replace(/\n$/, '');
}

function write(writer: AccessLogWriter, record: string): void {
  const batch = writer.begin();
  if (batch === null) return;
  batch.text(record);
  writer.end();
}

test('the default pattern writes what WSO2 writes', () => {
  const line = format(defaultPattern, exchange('/orders/1.0.0?x=1', { referer: 'http://r/', 'user-agent': 'curl/8' }));
  assert.match(
    line,
    /^10\.0\.0\.1 - mary\\x20ann \[\d\d\/Nov\/2026:\d\d:\d\d:\d\d [+-]\d{4}\] GET \/orders\/1\.0\.0\?x=1 HTTP\/1\.1 200 12 http:\/\/r\/ curl\/8 0\.034$/,
  );
});

test('the further keys write their facts', () => {
  assert.equal(
    format('%a|%B|%D|%H|%I|%m|%p|%q|%U|%v|%Z|%%|%{Server}o|%{Missing}i', exchange('/a?b=1')),
    '10.0.0.1|12|34|HTTP/1.1|r-1|GET|8243|?b=1|/a|gw.example|b|%|b|-',
  );
});

test('an unknown key is named at start', () => {
  assert.throws(() => compilePattern('%h %Q'), /%Q/);
  assert.throws(() => compilePattern('%h %'), /%/);
  assert.throws(() => compilePattern('%h\u010a%s'), /"Ċ" at 2/);
  assert.doesNotThrow(() => compilePattern('%h\t%s'));
});

test('no credential is written, in whatever field or spelling', () => {
  const secret = 'sEcReT';
  const one = exchange(`/a?apikey=${secret}&x=1&API%4bey=${secret}&access_token=${secret}`, {
    authorization: `Bearer ${secret}`,
    apikey: secret,
    'internal-key': secret,
    cookie: secret,
    referer: `http://r/?apikey=${secret}`,
  });
  const line = format('%r %q %{Authorization}i %{ApiKey}i %{Internal-Key}i %c %{Referer}i', one);
  assert.ok(!line.includes(secret), line);
  assert.ok(line.includes('&x=1&'), line);
});

test('a value cannot begin a line or end a quoted field', () => {
  const line = format('"%{User-Agent}i"', exchange('/', { 'user-agent': 'a\r\nb"c\\d\x1b[31mé\x7f' }));
  assert.equal(line, '"a\\x0d\\x0ab\\x22c\\x5cd\\x1b[31m\\xe9\\x7f"');
});

test('whatever is put into a batch comes out of it, but for records that were not finished', () => {
  const piece = fc.record({ text: fc.string({ unit: 'binary', maxLength: 30 }), isValue: fc.boolean() });
  const record = fc.record({ pieces: fc.array(piece, { maxLength: 5 }), isWhole: fc.boolean() });
  fc.assert(
    fc.property(fc.nat(40), fc.array(record, { maxLength: 6 }), (room, records) => {
      const batch = new Batch(room);
      let model = '';
      for (const { pieces, isWhole } of records) {
        batch.begin();
        let line = '';
        for (const { text, isValue } of pieces) {
          const written = isValue ? text : escapeValue(text);
          if (isValue) batch.value(written);
          else batch.text(written);
          line += escapeValue(text);
        }
        if (!isWhole) continue;
        batch.end();
        model += `${line}\n`;
      }
      assert.equal(batch.records.toString('latin1'), model);
      assert.equal(batch.length, model.length);
    }),
  );
});

test('a record that failed half way leaves nothing in the log', async () => {
  const written: Buffer[] = [];
  const out = new Writable({ write: (bytes, _, done) => done(void written.push(bytes)) });
  const writer = new AccessLogWriter(out, silentLog);
  write(writer, 'first');
  writer.begin()?.text('half of');
  write(writer, 'second');
  await writer.close();
  assert.equal(Buffer.concat(written).toString(), 'first\nsecond\n');
});

test('long records that wait for a slow disk take no more memory than they must', async () => {
  const waiting: Buffer[] = [];
  const stuck = new Writable({ write: (bytes) => void waiting.push(bytes), highWaterMark: 1 });
  const writer = new AccessLogWriter(stuck, silentLog);
  for (let i = 0; i < 4; i++) write(writer, 'x'.repeat(60_000));
  writer.flush();
  const held = waiting[0] as Buffer;
  assert.ok(held.buffer.byteLength < held.length + 10_000, `${held.buffer.byteLength} for ${held.length}`);
  await writer.close();
});

test('records reach the file when the log is closed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'access.log');
  const writer = new AccessLogWriter(file, silentLog);
  for (let i = 0; i < 5000; i++) write(writer, `record ${i}`);
  await writer.close();
  const lines = (await readFile(file, 'latin1')).trimEnd().split('\n');
  assert.equal(lines.length, 5000);
  assert.equal(lines[4999], 'record 4999');
});

test('a log that cannot be written does not stop the gateway', async () => {
  const errors: string[] = [];
  const log = { ...silentLog, error: (message: string) => void errors.push(message) };
  const writer = new AccessLogWriter('/nonexistent/folder/access.log', log);
  write(writer, 'one');
  await writer.close();
  write(writer, 'two');
  await writer.close();
  assert.equal(errors.length, 1);
});

test('a log that could not be written for a while is written again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const folder = await mkdtemp(join(tmpdir(), 'sluice-access-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'late', 'access.log');
  const errors: string[] = [];
  const broke = new EventEmitter();
  const log = {
    ...silentLog,
    error(message: string) {
      errors.push(message);
      broke.emit('error-logged');
    },
  };
  const failed = once(broke, 'error-logged');
  const writer = new AccessLogWriter(file, log);
  await failed;
  write(writer, 'lost');
  await mkdir(join(folder, 'late'));
  t.mock.timers.tick(5000);
  write(writer, 'kept');
  await writer.close();
  assert.equal(await readFile(file, 'latin1'), 'kept\n');
  assert.equal(errors.length, 1);
});

test('a slow disk costs records, not memory', async () => {
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (_: string, fields?: unknown) => void warnings.push(fields) };
  const stuck = new Writable({ write: () => {} });
  const writer = new AccessLogWriter(stuck, log);
  const record = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 64; i++) write(writer, record);
  assert.ok(stuck.writableLength < 20 * 1024 * 1024);
  writer.flush();
  assert.equal(warnings.length, 1);
  await writer.close();
});
