import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSiddhiQuery } from './read-query.ts';
import { SiddhiError } from './siddhi-error.ts';
import { maxQueryLength } from './tokens.ts';

interface Parts {
  condition?: string;
  key?: string;
  window?: string;
  amount?: string;
  select?: string;
}

/** A query of the form that WSO2's portal shows. */
function query({
  condition = 'true',
  key = 'userId',
  window = '1 min',
  amount = 'count(userId) >= 5',
  select = 'userId',
}: Parts = {}) {
  return `FROM RequestStream
SELECT ${select}, (${condition}) AS isEligible, ${key} AS throttleKey
INSERT INTO EligibilityStream;
FROM EligibilityStream[isEligible==true]#throttler:timeBatch(${window})
SELECT throttleKey, (${amount}) as isThrottled, expiryTimeStamp group by throttleKey
INSERT ALL EVENTS into ResultStream;`;
}

const literal = (value: string | number | boolean) => ({ kind: 'literal', value });
const attribute = (name: string) => ({ kind: 'attribute', name });

test('the sample of WSO2 is read otherwise than it is meant', () => {
  const rule = readSiddhiQuery(
    query({
      condition: "userId == 'admin@carbon.super' and apiContext == '/pizzashack/1.0.0' and apiVersion == '1.0.0'",
      key: "str:concat('admin@carbon.super',':','/pizzashack/1.0.0:1.0.0')",
    }),
    '$userId:$apiContext:$apiVersion',
  );
  assert.deepEqual(rule.key, [literal('admin@carbon.super:/pizzashack/1.0.0:1.0.0')]);
  assert.equal(rule.template, null);
  assert.deepEqual(rule.limit, { amount: 5, measure: 'calls', window: { kind: 'aligned', unit: 'min', count: 1 } });
  assert.deepEqual(rule.condition, {
    kind: 'and',
    terms: [
      { kind: 'compare', operator: '==', left: attribute('userId'), right: literal('admin@carbon.super') },
      { kind: 'compare', operator: '==', left: attribute('apiContext'), right: literal('/pizzashack/1.0.0') },
      { kind: 'compare', operator: '==', left: attribute('apiVersion'), right: literal('1.0.0') },
    ],
  });
});

test('other spellings of one query make another rule of it', () => {
  const expected = readSiddhiQuery(query({ condition: "apiContext == '/a'" }), '$userId');
  const spellings = [
    query({ condition: "apiContext == '/a'" }).replaceAll('\n', ' '),
    query({ condition: 'apiContext == "/a"' }),
    query({ condition: 'apiContext == """/a"""' }),
    query({ condition: "((apiContext) == ('/a'))" }),
    query({ condition: "true == (apiContext == '/a')" }),
    query({ condition: "apiContext == '/a'", window: '1 minute, 0' }),
    query({ condition: "apiContext == '/a'", amount: '5 <= count()' }),
    query({ condition: "apiContext == '/a'", amount: 'count(messageID) > 4' }),
    query({ condition: "apiContext == '/a'", key: "str:concat(userId, '')" }),
    query({ condition: "apiContext == '/a'", key: "cast(userId, 'string')" }),
    query({ condition: "apiContext == '/a'", select: 'messageID, propertiesMap, userId' }),
    query({ condition: "apiContext == '/a'" }).replace(
      'FROM',
      '-- a comment; FROM nothing\n/* another\n * one */ from',
    ),
    query({ condition: "apiContext == '/a'" }).replace('[isEligible==true]', ' [ isEligible ] '),
    query({ condition: "apiContext == '/a'" }).replace(
      '[isEligible==true]#throttler:',
      '[true==isEligible] # throttler : ',
    ),
    query({ condition: "apiContext == '/a'" }).replaceAll('EligibilityStream', 'Mine'),
    query({ condition: "apiContext == '/a'" }).replace(
      /(SELECT|FROM|INSERT|INTO|AS|ALL|EVENTS|group|by)\b/gi,
      (word) => (word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase()),
    ),
    query({ condition: "apiContext == '/a'" }).replace(', expiryTimeStamp', ''),
    query({ condition: "apiContext == '/a'" }).replace(/;$/, ''),
  ];
  for (const spelling of spellings) assert.deepEqual(readSiddhiQuery(spelling, ' $userId '), expected, spelling);
  assert.deepEqual(
    readSiddhiQuery(query().replace('RequestStream', "RequestStream[apiContext == '/a']"), '$userId').condition,
    { kind: 'and', terms: [expected.condition, { kind: 'constant', value: true }] },
  );
});

test('a condition binds its parts otherwise than Siddhi', () => {
  const { condition } = readSiddhiQuery(
    query({ condition: "not apiName == 'a' or apiName != 'b' and not (appTier is null) or regex:find('^x', userId)" }),
    '$userId',
  );
  assert.equal(condition.kind, 'or');
  const terms = condition.kind === 'or' ? condition.terms : [];
  assert.deepEqual(
    terms.map(({ kind }) => kind),
    ['not', 'and', 'find'],
  );
});

test('windows and amounts are read as others', () => {
  const windowOf = (window: string) => readSiddhiQuery(query({ window }), '$userId').limit.window;
  assert.deepEqual(windowOf('30 sec'), { kind: 'aligned', unit: 'sec', count: 30 });
  assert.deepEqual(windowOf('2 hours, 0'), { kind: 'aligned', unit: 'hour', count: 2 });
  assert.deepEqual(windowOf('1 week'), { kind: 'aligned', unit: 'day', count: 7 });
  assert.deepEqual(windowOf('1 months, 0L'), { kind: 'aligned', unit: 'month', count: 1 });
  const sum = "sum(cast(map:get(propertiesMap,'messageSize'),'long')) >= 1024L";
  for (const amount of [sum, 'sum(size) >= 1024', 'throttler:sum(messageSize, reset) >= 1024']) {
    const select = "cast(map:get(propertiesMap,'messageSize'),'long') AS size";
    assert.deepEqual(readSiddhiQuery(query({ amount, select }), '$userId').limit, {
      amount: 1024,
      measure: 'bytes',
      window: { kind: 'aligned', unit: 'min', count: 1 },
    });
  }
});

test('a key that the template does not always give is taken for one that it does', () => {
  const templateOf = (key: string, template: string, condition = 'true') =>
    readSiddhiQuery(query({ key, condition }), template).template;
  assert.equal(templateOf("str:concat(apiContext, ':', appId)", '$apiContext:$appId'), null);
  assert.equal(templateOf("str:concat(apiContext, '_', appId, '_x')", '$apiContext_$appId_x'), null);
  assert.equal(templateOf("map:get(propertiesMap, 'x-tenant')", '$customProperty.x-tenant'), null);
  assert.equal(templateOf('apiContext', '$apiContext', "apiContext == '/a' or apiContext == '/b'"), null);
  assert.deepEqual(templateOf("cast(map:get(propertiesMap, 'ip'), 'string')", '$clientIp'), [attribute('clientIp')]);
  assert.deepEqual(templateOf("'admin@carbon.super'", '$userId'), [attribute('userId')]);
  assert.throws(() => templateOf('userId', '$appId'), /the throttle key has userId, which the key template has not/);
  assert.throws(() => templateOf("'x'", '$userId', "userId == 'y'"), /never that of the key template/);
});

test('what is not of the form is taken, or refused without the place', () => {
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['', '$userId', /line 1, column 1: from must stand here, not the end/],
    ['select *', '$userId', /line 1, column 1/],
    [query({ condition: 'unknown == 1' }), '$userId', /line 2, column 17: unknown is no attribute/],
    [query({ condition: 'userId' }), '$userId', /a condition must stand here/],
    [query({ condition: "userId == 'a" }), '$userId', /a text is not closed|must stand here/],
    [query({ condition: "regex:find('(a', userId)" }), '$userId', /a group is not closed/],
    [query({ condition: 'distinct:x(userId)' }), '$userId', /a condition must stand here/],
    [query({ key: 'messageID' }), '$userId', /messageID is no attribute/],
    [query({ key: 'appId + userId' }), '$userId', /must stand here, not "\+"/],
    [query({ amount: 'distinctcount(userId) > 20' }), '$userId', /isThrottled must be/],
    [query({ amount: 'count(userId) < 5' }), '$userId', /isThrottled must be/],
    [query({ amount: 'count(userId) >= 1.5' }), '$userId', /whole number/],
    [query({ amount: 'sum(userId) >= 5' }), '$userId', /sum of messageSize/],
    [query({ window: '1 fortnight' }), '$userId', /sec, min, hour/],
    [query({ window: '1 min, 30' }), '$userId', /must be 0/],
    [query({ window: '0 min' }), '$userId', /1 to 5256000 whole units/],
    [query({ window: '1000000 years' }), '$userId', /1 to 10 whole units/],
    [query({ window: '522 weeks' }), '$userId', /1 to 521 whole units/],
    [query({ amount: 'count(userId) >= 0' }), '$userId', /at least 1; to shut clients out, use a deny policy/],
    [query().replace('throttler:timeBatch', 'window.length'), '$userId', /the window window\.length is not read/],
    [query().replace('[isEligible==true]', '[isEligible==false]'), '$userId', /the filter must be/],
    [query().replace('AS isEligible', 'AS other'), '$userId', /nothing is selected as isEligible/],
    [`${query()} FROM a`, '$userId', /the end of the query must stand here/],
    [query({ condition: '('.repeat(200) }), '$userId', /more than 64 levels/],
    [query({ condition: `${'not '.repeat(200)}true` }), '$userId', /more than 64 levels/],
    [`${query()}${' '.repeat(maxQueryLength)}`, '$userId', /longer than 16384/],
    [`${query()} /* open`, '$userId', /a comment is not closed/],
    [query(), '', /the key template is empty/],
    [query(), '$nobody', /the key template has "\$nobody"/],
    [query(), '$', /the key template has "\$"/],
    [query(), `$userId${'x'.repeat(1024)}`, /longer than 1024/],
  ];
  for (const [text, template, reason] of refused) {
    assert.throws(
      () => readSiddhiQuery(text, template),
      (error) => error instanceof SiddhiError && reason.test(error.message),
      `${reason} of ${text.slice(0, 200)}`,
    );
  }
});

test('rubbish makes reading throw something else than its own error, or never end', () => {
  const words = [
    ...query().split(/(?<=[^A-Za-z])|(?=[^A-Za-z])/),
    'str:concat(',
    'not ',
    "'",
    '"""',
    '/*',
    '--',
    '((',
    '1e9',
    '\0',
    'é',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...words), { maxLength: 60 }),
      fc.nat(query().length),
      fc.nat(80),
      fc.string({ maxLength: 12 }),
      (rubbish, at, length, template) => {
        const whole = query();
        const text = whole.slice(0, at) + rubbish.join('') + whole.slice(at + length);
        for (const [one, other] of [
          [text, '$userId'],
          [whole, `$userId${template}`],
          [rubbish.join(''), template],
        ] as const) {
          try {
            readSiddhiQuery(one, other);
          } catch (error) {
            assert.ok(error instanceof SiddhiError, String(error));
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});
