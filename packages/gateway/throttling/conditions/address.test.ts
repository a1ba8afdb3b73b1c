import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAddress } from './address.ts';
import { AddressRanges, rangeOf } from './address-ranges.ts';

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

test('a range holds other addresses than Node says, its ends among them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6)), { maxLength: 6 }),
      fc.array(fc.oneof(ipv4, ipv6), { maxLength: 6 }),
      (pairs, others) => {
        const ranges = pairs.flatMap(([one, other]) => {
          const [first, last] = [one, other].sort((a, b) => ((readAddress(a) ?? 0) < (readAddress(b) ?? 0) ? -1 : 1));
          const range = rangeOf(readAddress(first as string), readAddress(last as string));
          return range === undefined ? [] : [{ range, first: first as string, last: last as string }];
        });
        const set = new AddressRanges(ranges.map(({ range }) => range));
        const model = new BlockList();
        for (const { first, last } of ranges) model.addRange(first, last, isIP(first) === 6 ? 'ipv6' : 'ipv4');
        for (const text of [...others, ...ranges.flatMap(({ first, last }) => [first, last])]) {
          const address = readAddress(text);
          assert.ok(address !== undefined, text);
          assert.equal(set.has(address), model.check(text, isIP(text) === 6 ? 'ipv6' : 'ipv4'), text);
        }
      },
    ),
  );
});

test('one address has two forms, or two have one', () => {
  assert.equal(readAddress('192.0.2.1'), 0xc0000201);
  for (const text of ['::ffff:192.0.2.1', '::FFFF:c000:201', '0:0:0:0:0:ffff:192.0.2.1']) {
    assert.equal(readAddress(text), 0xc0000201, text);
  }
  assert.equal(readAddress('::1'), 1n);
  assert.equal(readAddress('fe80::1%eth0'), readAddress('fe80:0:0:0:0:0:0:1'));
  assert.notEqual(readAddress('::c000:201'), readAddress('192.0.2.1'));
  assert.equal(rangeOf(readAddress('0.0.0.1'), readAddress('::ff')), undefined, 'a range over two families');
});

test('what is no address is read as one', () => {
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    ':::',
    'g::',
    '1.2.3.4 ',
    'a',
  ]) {
    assert.equal(readAddress(text), undefined, text);
  }
});
