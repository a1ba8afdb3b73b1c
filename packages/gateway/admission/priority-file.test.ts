import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PriorityFileError, readPriorityFile } from './priority-file.ts';
import { admissionOf } from './settings.ts';

const whole = `<?xml version="1.0"?>
<!-- priorities of the shop -->
<priorityConfiguration xmlns="http://ws.apache.org/ns/synapse">
  <priorityExecutor>
    <queues>
      <queue size="100" priority="10"/>
      <queue size="5" priority="1"/>
    </queues>
    <threads core="20" max="50" keep-alive="5"/>
  </priorityExecutor>
  <conditions defaultPriority="1">
    <condition priority="10">
      <and>
        <equal type="header" source="X-Tier" value="gold"/>
        <or>
          <equal type="param" source="urgent" value="yes"/>
          <not><match type="url" fragment="path" regex="/batch/.*"/></not>
        </or>
      </and>
    </condition>
    <condition priority="1"><equal source="X-Tier" value="&amp;"/></condition>
  </conditions>
</priorityConfiguration>`;

test('a file as Synapse writes it is read in full', () => {
  assert.deepEqual(readPriorityFile(whole, 'priorities.xml'), {
    maxInFlight: 50,
    queues: [
      { priority: 10, size: 100 },
      { priority: 1, size: 5 },
    ],
    conditions: [
      {
        priority: 10,
        test: {
          kind: 'and',
          of: [
            { kind: 'equal', source: { from: 'header', name: 'X-Tier' }, value: 'gold' },
            {
              kind: 'or',
              of: [
                { kind: 'equal', source: { from: 'param', name: 'urgent' }, value: 'yes' },
                { kind: 'not', of: { kind: 'match', source: { from: 'url', part: 'path' }, pattern: '/batch/.*' } },
              ],
            },
          ],
        },
      },
      { priority: 1, test: { kind: 'equal', source: { from: 'header', name: 'X-Tier' }, value: '&' } },
    ],
    defaultPriority: 1,
  });
});

test('what a file leaves out is as in Synapse, or the least', () => {
  const text = whole
    .replace(/<threads.*\/>/, '')
    .replace('<queues>', '<queues isFixedSize="false">')
    .replace(' size="5"', '')
    .replace(' defaultPriority="1"', '');
  const { maxInFlight, queues, defaultPriority } = readPriorityFile(text, 'priorities.xml');
  assert.deepEqual([maxInFlight, defaultPriority, queues[1]], [100, 1, { priority: 1, size: null }]);
});

test('settings bound what the file leaves open, and without either there is no bound', () => {
  const settings = { maxInFlight: 0, maxQueue: 7, queueTimeout: 1000 };
  assert.equal(admissionOf(settings), undefined);
  const alone = admissionOf({ ...settings, maxInFlight: 3 });
  assert.deepEqual([alone?.maxInFlight, alone?.queues], [3, [{ priority: 1, size: 7 }]]);
  const open = whole.replace('<queues>', '<queues isFixedSize="false">').replace(' size="5"', '');
  const file = admissionOf({ ...settings, file: { text: open, place: 'p.xml' } });
  assert.deepEqual([file?.maxInFlight, file?.queues[1]], [50, { priority: 1, size: 7 }]);
  assert.equal(admissionOf({ ...settings, maxInFlight: 3, file: { text: open, place: 'p.xml' } })?.maxInFlight, 3);
});

const faults: readonly [name: string, change: (text: string) => string, message: RegExp][] = [
  ['not XML', () => 'hello', /^p\.xml:1: /],
  ['empty', () => '', /^p\.xml:1: /],
  [
    'cut off',
    (text) => text.slice(0, 300),
    /^p\.xml:\d+: it is not well-formed XML \(unclosed tag: \w+\); correct it$/,
  ],
  [
    'another root',
    (text) => text.replaceAll('priorityConfiguration', 'configuration'),
    /^p\.xml:3: .*<configuration>.*must be <priorityConfiguration>/,
  ],
  [
    'a document type',
    (text) => text.replace('<!--', '<!DOCTYPE x [<!ENTITY a "aaaa">]><!--'),
    /^p\.xml:2: it has a document type, which is not read; take it out$/,
  ],
  ['an entity', (text) => text.replace('&amp;', '&boom;'), /^p\.xml:\d+: .*entity/],
  [
    'no executor',
    (text) => text.replace(/<priorityExecutor>[\s\S]*<\/priorityExecutor>/, ''),
    /must hold one <priorityExecutor>/,
  ],
  ['no conditions', (text) => text.replace(/<conditions[\s\S]*<\/conditions>/, ''), /must hold one <conditions>/],
  ['no queue', (text) => text.replace(/<queue .*\/>/g, ''), /<queues> holds no <queue>; add one/],
  ['a queue without size', (text) => text.replace(' size="5"', ''), /^p\.xml:7: <queue> has no size; say how many/],
  [
    'a queue without priority',
    (text) => text.replace(' size="5" priority="1"', ' size="5"'),
    /^p\.xml:7: <queue> lacks the attribute priority; add it/,
  ],
  [
    'a priority twice',
    (text) => text.replace('size="5" priority="1"', 'size="5" priority="10"'),
    /^p\.xml:7: <queue> repeats the priority 10/,
  ],
  [
    'a size that is no number',
    (text) => text.replace('size="5"', 'size="many"'),
    /<queue> has size="many"; give a whole number from 0/,
  ],
  ['no thread', (text) => text.replace('max="50"', 'max="0"'), /<threads> has max="0"; give a whole number from 1/],
  ['core above max', (text) => text.replace('core="20"', 'core="60"'), /core 60 above max 50; raise max/],
  [
    'a condition for no queue',
    (text) => text.replace('<condition priority="10">', '<condition priority="3">'),
    /<condition> has the priority 3, which no <queue> has/,
  ],
  [
    'a default for no queue',
    (text) => text.replace('defaultPriority="1"', 'defaultPriority="2"'),
    /<conditions> has the priority 2, which no <queue> has/,
  ],
  [
    'an empty condition',
    (text) => text.replace(/<and>[\s\S]*<\/and>/, ''),
    /<condition> must hold one of and, or, not/,
  ],
  [
    'an unknown condition',
    (text) => text.replace('<and>', '<xor>').replace('</and>', '</xor>'),
    /<xor> is not known here; use and/,
  ],
  ['a source without name', (text) => text.replace(' source="urgent"', ''), /<equal> lacks the attribute source/],
  [
    'an unknown type',
    (text) => text.replace('type="param"', 'type="body"'),
    /has the type "body"; use header, param or url/,
  ],
  [
    'a part that a target lacks',
    (text) => text.replace('fragment="path"', 'fragment="host"'),
    /has the fragment "host"; use path or query/,
  ],
  ['a broken expression', (text) => text.replace('/batch/.*', '/batch/('), /<match> has a regex that cannot be read/],
  [
    'a Java class',
    (text) => text.replace('<queues>', '<queues nextQueue="org.x.Y">'),
    /<queues> names a Java class in nextQueue/,
  ],
  [
    'a strange element',
    (text) => text.replace('<threads', '<sequence/><threads'),
    /<sequence> is not known inside <priorityExecutor>; take it out/,
  ],
  ['too deep', (text) => text.replace('<and>', `${'<not>'.repeat(80)}<and>`), /nested deeper than 64 levels/],
];

for (const [name, change, message] of faults) {
  test(`a file with ${name} is refused by place, element and remedy`, () => {
    assert.throws(
      () => readPriorityFile(change(whole), 'p.xml'),
      (error) => {
        assert.ok(error instanceof PriorityFileError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('a file of any size and shape is read or refused, and nothing else happens', () => {
  assert.throws(() => readPriorityFile(' '.repeat(1024 * 1024 + 1), 'p.xml'), /longer than/);
  assert.throws(
    () => readPriorityFile(`<priorityConfiguration>${'<a/>'.repeat(20_000)}</priorityConfiguration>`, 'p'),
    /more than 10000/,
  );
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(20), fc.string({ maxLength: 20 }), (at, length, text) => {
      try {
        readPriorityFile(whole.slice(0, at) + text + whole.slice(at + length), 'p.xml');
      } catch (error) {
        assert.ok(error instanceof PriorityFileError, String((error as Error).stack));
      }
    }),
    { numRuns: 1000 },
  );
});
