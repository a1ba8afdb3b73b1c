import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Fields, Kind, scanFields } from './fields.ts';

/** RFC 9110 section 5.5, byte by byte: what `scanFields` does four bytes at a time. */
function mayStandInValue(code: number): boolean {
  return code === 0x09 || (code >= 0x20 && code !== 0x7f);
}

test('a byte that cannot stand in a value is found wherever it stands, and no other is taken for one', () => {
  const anyByte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff, 0x09));
  fc.assert(
    fc.property(fc.array(anyByte, { maxLength: 40 }), fc.nat(7), fc.nat(5), (value, shift, tail) => {
      const head = Buffer.concat([Buffer.from('n:'), Buffer.from(value), Buffer.from('\r\n\r\n')]);
      // At every place in its memory, and with memory behind it that does not fill a word.
      const memory = Buffer.from(new ArrayBuffer(shift + head.length + tail), 0).fill('y');
      head.copy(memory, shift);
      const found = scanFields(memory.subarray(shift, shift + head.length), 0, 0, head.length, 10);
      const good = value.every(mayStandInValue);
      assert.equal(typeof found !== 'string', good);
      // And behind other heads of the same read.
      const behind = scanFields(memory.subarray(0, shift + head.length), shift, shift, shift + head.length, 10);
      assert.equal(said(behind), said(found));
      if (typeof found !== 'string') {
        assert.equal(
          found.value(0),
          Buffer.from(value)
            .toString('latin1')
            .replace(/^[ \t]+|[ \t]+$/g, ''),
        );
      }
    }),
    { numRuns: 3000 },
  );
});

function said(found: Fields | string): string {
  return typeof found === 'string' ? found : `value ${found.value(0)}`;
}

function scan(...lines: string[]): Fields {
  const head = Buffer.from(`${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1');
  const fields = scanFields(head, 0, 0, head.length, 100);
  if (typeof fields === 'string') throw new Error(fields);
  return fields;
}

test('each name that framing and forwarding care about is known in any case, and none that is only like it', () => {
  const names: readonly (readonly [string, number])[] = [
    ['Content-Length', Kind.contentLength],
    ['Transfer-Encoding', Kind.transferEncoding],
    ['Host', Kind.host],
    ['Connection', Kind.connection],
    ['Expect', Kind.expect],
    ['Keep-Alive', Kind.keepAlive],
    ['Proxy-Connection', Kind.hop],
    ['Proxy-Authorization', Kind.hop],
    ['Proxy-Authenticate', Kind.hop],
    ['TE', Kind.hop],
    ['Trailer', Kind.hop],
    ['Upgrade', Kind.upgrade],
    ['Date', Kind.date],
    ['Server', Kind.server],
  ];
  for (const [name, kind] of names) {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      const fields = scan('A: b', `${spelling}: x`);
      assert.deepEqual([fields.kind(0), fields.kind(1)], [Kind.ordinary, kind], spelling);
      assert.ok(fields.hasKind(kind));
    }
    const alike = scan(`${name.slice(0, -1)}!: x`, `${name}s: x`, `X${name.slice(1)}: x`);
    assert.deepEqual(
      [0, 1, 2].map((line) => alike.kind(line)),
      [Kind.ordinary, Kind.ordinary, Kind.ordinary],
      name,
    );
    assert.ok(!alike.hasKind(kind));
  }
});

test('a field is found by its name whatever the lengths of the others, and its value has no blanks around it', () => {
  const long = `n${'x'.repeat(34)}`;
  const fields = scan('abc:  1 \t', `${long}:\t2\t`, 'Abc:3', 'empty:', 'blank: \t ');
  assert.equal(fields.get('abc'), '1, 3');
  assert.equal(fields.get(long), '2');
  assert.equal(fields.get('xyz'), undefined);
  assert.equal(fields.get(`m${'x'.repeat(34)}`), undefined);
  assert.equal(fields.get('absent'), undefined);
  assert.equal(fields.get('empty'), '');
  assert.equal(fields.get('blank'), '');
  const seen: [string, string][] = [];
  fields.each((name, value) => seen.push([name, value]));
  assert.deepEqual(seen, [
    ['abc', '1'],
    [long, '2'],
    ['Abc', '3'],
    ['empty', ''],
    ['blank', ''],
  ]);
});
