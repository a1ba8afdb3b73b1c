import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionNews } from '@sluice/gateway';
import { SessionChannel } from '../workers/session-channel.ts';
import { SessionBoard } from './session-board.ts';

/** A worker at the board; what it hears before it listens waits for it. */
function worker(board: SessionBoard) {
  const seat = board.join();
  const heard: string[] = [];
  const channel = new SessionChannel(({ news }) => {
    for (const one of news) seat.tell(one);
  });
  seat.watch((news) => channel.take({ kind: 'sessions', news }));
  const listen = () => channel.watch((news) => heard.push(...news.map(({ key, member }) => `${key}=${member}`)));
  return { seat, channel, heard, listen };
}

const news = (key: string, member: string): SessionNews => ({ table: 'api/prod http ', key, member });

test('what one worker tells of a session the others hear, also one that starts later, and nobody hears their own words', () => {
  const board = new SessionBoard();
  const [one, two] = [worker(board), worker(board)];
  one.listen();
  one.channel.tell(news('a', 'x'));
  two.channel.tell(news('b', 'y'));
  one.channel.tell(news('c', 'z'));
  one.channel.tell(news('c', ''));
  two.listen();
  assert.deepEqual([one.heard, two.heard], [['b=y'], ['a=x', 'c=z', 'c=']]);
  one.seat.leave();
  two.channel.tell(news('a', 'w'));
  assert.deepEqual(one.heard, ['b=y']);
  const late = worker(board);
  late.listen();
  assert.deepEqual(late.heard, ['b=y', 'a=w']);
});
