import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, type Element, identifierOf, numberOf, readElement } from './ber.ts';

/** A tree of sequences and byte strings. */
type Tree = Uint8Array | readonly Tree[];

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 6 }, fc.uint8Array({ maxLength: 300 }), fc.array(tie('tree'), { maxLength: 4 })),
}));

const marked = Buffer.from([0, 0]);

/** Encodes with lengths, or with marks of the end where `marks` says so (X.690 8.1.3.6). */
function encode(node: Tree, marks: () => boolean): Buffer {
  const [tag, content] =
    node instanceof Uint8Array
      ? [0x04, Buffer.from(node)]
      : [0x30, Buffer.concat(node.map((one) => encode(one, marks)))];
  if (tag === 0x30 && marks()) return Buffer.concat([Buffer.from([tag, 0x80]), content, marked]);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, content.length >> 8, content.length & 0xff]), content]);
}

function treeOf({ tag, content, parts }: Element): Tree {
  return tag === 0x04 ? new Uint8Array(content) : parts.map(treeOf);
}

test('lengths and marks of the end say the same', () => {
  fc.assert(
    fc.property(tree, fc.infiniteStream(fc.boolean()), (node, choices) => {
      const encoded = encode(node, () => choices.next().value as boolean);
      fc.pre(encoded.length < 0xffff);
      assert.deepEqual(treeOf(readElement(encoded)), node);
    }),
  );
});

test('what is cut off or changed is refused in words, or read as something else', () => {
  fc.assert(
    fc.property(tree, fc.infiniteStream(fc.boolean()), fc.nat(), fc.nat(255), (node, choices, at, byte) => {
      const encoded = encode(node, () => choices.next().value as boolean);
      fc.pre(encoded.length < 0xffff);
      assert.throws(() => readElement(encoded.subarray(0, at % encoded.length)), /^Error: it is (damaged|cut off)$/);
      encoded[at % encoded.length] = byte;
      try {
        readElement(encoded);
      } catch (error) {
        assert.match(String(error), /^Error: it is (damaged|cut off)$/);
      }
    }),
  );
  const deep = Buffer.from('3080'.repeat(100), 'hex');
  assert.throws(() => readElement(deep), /^Error: it is damaged$/);
});

test('strings in parts, numbers and identifiers are what they stand for', () => {
  assert.deepEqual(
    bytesOf(readElement(Buffer.from('2480040101040102240304010300000000', 'hex'))),
    Buffer.from([1, 2, 3]),
  );
  assert.equal(numberOf(readElement(Buffer.from('02022710', 'hex'))), 10_000);
  assert.throws(() => numberOf(readElement(Buffer.from('0201ff', 'hex'))));
  assert.throws(() => numberOf(readElement(Buffer.from('0200', 'hex'))));
  assert.equal(identifierOf(readElement(Buffer.from('06092a864886f70d01050d', 'hex'))), '1.2.840.113549.1.5.13');
  assert.equal(
    identifierOf(readElement(Buffer.from('06096086480165030402 01'.replace(' ', ''), 'hex'))),
    '2.16.840.1.101.3.4.2.1',
  );
});
