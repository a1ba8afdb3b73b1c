import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventGate } from './event-gate.ts';

/** Events as a reader takes them (WHATWG HTML, section 9.2.6), by another way: lines first. */
function eventsIn(text: string): number {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  // What stands behind the last end of a line is no line yet.
  lines.pop();
  let events = 0;
  let data = false;
  for (const line of lines) {
    if (line === '') {
      if (data) events++;
      data = false;
    } else if (line === 'data' || line.startsWith('data:')) data = true;
  }
  return events;
}

const streams = fc
  .tuple(
    fc.constantFrom('', '\uFEFF'),
    fc.array(
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        'data: x',
        'data',
        'data:',
        'datum',
        'dat',
        ': ping',
        'id: 1',
        ' data: x',
        'event: data',
      ),
      { maxLength: 40 },
    ),
  )
  .map(([mark, parts]) => mark + parts.join(''));

test('reads that cut a stream anywhere let another number of events pass than the keeper does', () => {
  fc.assert(
    fc.property(
      streams,
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (text, quota, cut, late) => {
        let asked = 0;
        let goOn: ((passes: boolean) => void) | undefined;
        let forwarded = Buffer.alloc(0);
        const gate = new EventGate(
          {
            ask: (later) => {
              asked++;
              if (!late) return asked <= quota;
              goOn = later;
              return undefined;
            },
            notice: '',
          },
          {
            forward: (bytes, start, end) => {
              forwarded = Buffer.concat([forwarded, bytes.subarray(start, end)]);
            },
            wentOn: () => {},
          },
        );
        const all = Buffer.from(text);
        for (let at = 0; at < all.length; at += cut) {
          const piece = Buffer.from(all.subarray(at, at + cut));
          gate.take(piece, 0, piece.length);
          piece.fill(0);
          while (gate.waits) {
            const decide = goOn;
            goOn = undefined;
            decide?.(asked <= quota);
          }
        }
        const whole = eventsIn(text);
        assert.equal(eventsIn(forwarded.toString()), Math.min(whole, quota));
        assert.equal(gate.spent, whole > quota);
        if (whole <= quota) assert.ok(forwarded.equals(all));
      },
    ),
    { numRuns: 500 },
  );
});
