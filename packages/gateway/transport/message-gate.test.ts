import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageGate } from './message-gate.ts';

interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly masked: boolean;
  readonly length: number;
}

/** A frame on the wire; its payload says which one it is. */
function bytesOf({ opcode, final, masked, length }: Frame, name: number): Buffer {
  const head = [(final ? 0x80 : 0) | opcode];
  const mask = masked ? 0x80 : 0;
  if (length < 126) head.push(mask | length);
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 0xff);
  else head.push(mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff);
  if (masked) head.push(1, 2, 3, 4);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, name)]);
}

/** Messages of one or more frames, with control frames between these. */
const messages = fc.array(
  fc.record({
    frames: fc.array(fc.oneof(fc.nat(200), fc.constantFrom(0, 125, 126, 65_535, 65_536)), {
      minLength: 1,
      maxLength: 3,
    }),
    pings: fc.boolean(),
    masked: fc.boolean(),
    opcode: fc.constantFrom(1, 2),
    /** What the keeper says, and whether it says it late. */
    verdict: fc.constantFrom<readonly [passes: boolean, late: boolean]>(
      [true, false],
      [false, false],
      [true, true],
      [false, true],
    ),
  }),
  { maxLength: 6 },
);

test('frames that reads cut anywhere are counted as other messages, or other bytes of them pass', () => {
  fc.assert(
    fc.property(
      messages,
      fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1 }),
      fc.boolean(),
      (list, cuts, byBytes) => {
        const sent: Buffer[] = [];
        const expected: Buffer[] = [];
        let name = 0;
        for (const { frames, pings, masked, opcode, verdict } of list) {
          frames.forEach((length, index) => {
            const final = index === frames.length - 1;
            const frame = bytesOf({ opcode: index === 0 ? opcode : 0, final, masked, length }, ++name);
            sent.push(frame);
            if (verdict[0]) expected.push(frame);
            if (!pings) return;
            const ping = bytesOf({ opcode: 9, final: true, masked, length: 3 }, ++name);
            sent.push(ping);
            expected.push(ping);
          });
        }
        let asked = 0;
        let refused = 0;
        let goOn: ((passes: boolean) => void) | undefined;
        const forwarded: Buffer[] = [];
        const gate = new MessageGate(
          {
            ask: (later) => {
              const [passes, late] = list[asked++]?.verdict ?? [false, false];
              if (!late) return passes;
              goOn = () => later(passes);
              return undefined;
            },
            notice: '',
          },
          {
            forward: (bytes) => {
              // The bytes are lent for the call.
              forwarded.push(Buffer.from(bytes));
              return true;
            },
            replaced: () => refused++,
            wentOn: () => {},
          },
        );
        const all = Buffer.concat(sent);
        let at = 0;
        for (let i = 0; at < all.length; i++) {
          const size = byBytes && all.length < 3000 ? 1 : (cuts[i % cuts.length] as number);
          const piece = Buffer.from(all.subarray(at, at + size));
          at += size;
          gate.feed(piece);
          piece.fill(0xff);
          while (gate.waits) {
            const decide = goOn;
            goOn = undefined;
            decide?.(true);
          }
        }
        assert.equal(asked, list.length);
        assert.equal(refused, list.filter(({ verdict }) => !verdict[0]).length);
        assert.ok(Buffer.concat(forwarded).equals(Buffer.concat(expected)));
      },
    ),
    { numRuns: 300 },
  );
});

test('a notice breaks into a message of several frames', () => {
  const forwarded: Buffer[] = [];
  const gate = new MessageGate(
    { ask: () => true, notice: 'no' },
    { forward: (bytes) => forwarded.push(Buffer.from(bytes)) > 0, replaced: () => {}, wentOn: () => {} },
  );
  const first = bytesOf({ opcode: 1, final: false, masked: false, length: 3 }, 1);
  const ping = bytesOf({ opcode: 9, final: true, masked: false, length: 0 }, 2);
  const last = bytesOf({ opcode: 0, final: true, masked: false, length: 3 }, 3);
  gate.feed(first.subarray(0, 4));
  gate.notify();
  gate.feed(Buffer.concat([first.subarray(4), ping]));
  gate.feed(last.subarray(0, 1));
  gate.feed(Buffer.concat([last.subarray(1), ping]));
  const notice = Buffer.from([0x81, 2, 0x6e, 0x6f]);
  assert.deepEqual(Buffer.concat(forwarded), Buffer.concat([first, ping, last, notice, ping]));
  gate.notify();
  assert.deepEqual(forwarded.at(-1), notice);
});
