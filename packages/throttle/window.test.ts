import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Window } from './limit.ts';
import { AlignedWindow } from './machine/aligned-window.ts';
import { longestMillis, windowAt, windowEnd, windowStart } from './window.ts';

const aligned = (unit: (Window & { kind: 'aligned' })['unit'], count: number) =>
  ({ kind: 'aligned', unit, count }) as const;

test('windows of every unit begin where the epoch and the calendar say', () => {
  const at = Date.UTC(2026, 1, 15, 13, 47, 33, 250);
  const ends: [Window, number][] = [
    [aligned('sec', 1), Date.UTC(2026, 1, 15, 13, 47, 34)],
    [aligned('sec', 10), Date.UTC(2026, 1, 15, 13, 47, 40)],
    [aligned('min', 1), Date.UTC(2026, 1, 15, 13, 48)],
    [aligned('min', 15), Date.UTC(2026, 1, 15, 14, 0)],
    [aligned('hour', 1), Date.UTC(2026, 1, 15, 14)],
    [aligned('day', 1), Date.UTC(2026, 1, 16)],
    [aligned('month', 1), Date.UTC(2026, 2, 1)],
    // Quarters, and three years of which the first began in 1970.
    [aligned('month', 3), Date.UTC(2026, 3, 1)],
    [aligned('month', 36), Date.UTC(2027, 0, 1)],
    [{ kind: 'first-call', millis: 60_000 }, at + 60_000],
  ];
  for (const [window, end] of ends) {
    assert.equal(windowEnd(window, at), end, JSON.stringify(window));
    if (window.kind === 'first-call') continue;
    const number = windowAt(window, at);
    assert.equal(windowAt(window, end - 1), number);
    assert.equal(windowAt(window, end), number + 1);
    assert.ok(end - windowStart(window, number) <= longestMillis(window));
  }
});

test('a clock that is put back opens no window again; it goes on when the time of the open one has passed', () => {
  const window = new AlignedWindow(aligned('sec', 10));
  const noon = Date.UTC(2026, 0, 5, 12);
  assert.equal(window.turn(noon, 0), true);
  const first = window.number;
  assert.equal(window.turn(noon + 4000, 4000), false);
  // An hour back: the window has six seconds left.
  const back = noon - 3_600_000;
  assert.equal(window.turn(back + 5000, 5000), false);
  assert.equal(window.turn(back + 9999, 9999), false);
  assert.equal(window.turn(back + 10_000, 10_000), true);
  assert.equal(window.number, first + 1);
  assert.equal(window.endsAt, 20_000);
  assert.equal(window.turn(back + 20_000, 20_000), true);
  // And forward again: the next one begins at once.
  assert.equal(window.turn(noon + 25_000, 25_000), true);
  assert.equal(window.number, first + 2 + 360);
});

test('a clock that runs a little slower than time gives no short windows between the others', () => {
  const window = new AlignedWindow(aligned('sec', 1));
  let opened = 0;
  for (let millis = 0; millis < 60_000; millis += 0.5) if (window.turn(millis * 0.999, millis)) opened++;
  assert.equal(opened, 60);
});
