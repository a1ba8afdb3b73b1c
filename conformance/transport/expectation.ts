import assert from 'node:assert/strict';
import type { Line, Message } from '../../packages/gateway/transport/testing/message.ts';
import type { World } from './world.ts';

/** Header lines that must be there with this value, several of a name as a list; null says that there is none. */
export type Lines = Readonly<Record<string, string | RegExp | readonly string[] | null>>;

/** What is asked of a message beside its start line. What is left out may be anything. */
export interface Expectation {
  readonly lines?: Lines;
  readonly body?: string;
  readonly framing?: Message['framing'];
  /** Trailer lines, each `Name: value`, all of them in order. */
  readonly trailers?: readonly string[];
}

/** What is asked of an answer. */
export interface AnswerExpectation extends Expectation {
  /** Reason phrase. */
  readonly reason?: string;
  /** `Sluice-Cause`: the gateway made this answer, for this reason. Default: it did not. */
  readonly cause?: string;
  /** `code` in the body of the gateway's own answers. */
  readonly code?: string;
  /** Stands somewhere in the body. */
  readonly tells?: string;
  /** Whether it says `Connection: close`. */
  readonly closes?: boolean;
  /** Method of the request; default GET. */
  readonly to?: string;
}

/** Fails unless the message is as expected. */
export function assertMessage(message: Message, expected: Expectation, world: World): void {
  for (const [name, value] of Object.entries(expected.lines ?? {})) {
    if (value instanceof RegExp) {
      assert.match(valuesOf(message.lines, name).join(', '), value, `${name} in ${JSON.stringify(message.head)}`);
      continue;
    }
    const wanted = (value === null ? [] : [value].flat()).map((one) => world.localize(one));
    assert.deepEqual(valuesOf(message.lines, name), wanted, `${name} in ${JSON.stringify(message.head)}`);
  }
  const { body, framing, trailers } = expected;
  if (body !== undefined) assert.equal(message.body.toString('latin1'), world.localize(body), 'the body');
  if (framing !== undefined) assert.equal(message.framing, framing, 'the framing');
  if (trailers !== undefined) {
    assert.deepEqual(
      message.trailers.map(([name, value]) => `${name}: ${value}`),
      trailers,
      'the trailers',
    );
  }
}

/** The same for an answer. */
export function assertAnswer(answer: Message, status: number, expected: AnswerExpectation, world: World): void {
  assert.equal(answer.status, status, `${JSON.stringify(answer.head)} ${answer.body.toString('latin1', 0, 300)}`);
  const { reason, cause = null, code, tells, closes } = expected;
  assertMessage(answer, { ...expected, lines: { 'sluice-cause': cause, ...expected.lines } }, world);
  if (reason !== undefined) assert.equal(answer.start.slice('HTTP/1.1 200 '.length), reason, 'the reason phrase');
  if (tells !== undefined) assert.ok(answer.body.includes(tells), `${tells} is not told in ${answer.body}`);
  if (code !== undefined) assert.equal(JSON.parse(answer.body.toString()).code, code, 'the code in the body');
  const options = valuesOf(answer.lines, 'connection').map((option) => option.toLowerCase());
  if (closes !== undefined) assert.equal(options.includes('close'), closes, `Connection: ${options}`);
}

function valuesOf(lines: readonly Line[], name: string): string[] {
  return lines.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}
