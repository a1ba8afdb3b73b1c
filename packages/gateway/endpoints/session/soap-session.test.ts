import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SoapSession, SoapSessionReader } from './soap-session.ts';

const client = '<c:ClientID xmlns:c="http://ws.apache.org/ns/synapse">ünë &amp; two</c:ClientID>';
const group = '<g:ServiceGroupId xmlns:g="http://ws.apache.org/namespaces/axis2"> urn:1 </g:ServiceGroupId>';
const envelope = (header: string, body = '<x/>') =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;

function read(text: string, cuts: readonly number[] = []): SoapSession {
  const bytes = Buffer.from(text);
  const reader = new SoapSessionReader();
  const places = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other),
    bytes.length,
  ];
  for (const [index, from] of places.slice(0, -1).entries()) reader.write(bytes.subarray(from, places[index + 1]));
  return { ...reader.found };
}

test('both ids are found wherever the bytes are cut, and nothing is in the body', () => {
  const text = envelope(`<other>no</other>${client}<to>${group}</to>`, group.replace('urn:1', 'urn:2'));
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 6 }), (cuts) => {
      assert.deepEqual(read(text, cuts), { client: 'ünë & two', serviceGroup: 'urn:1' });
    }),
  );
  assert.deepEqual(read(envelope('', client)), {});
});

test('an id of another namespace, the second of two, and what is no XML are none', () => {
  assert.deepEqual(read(envelope(client.replace('/synapse', '/other'))), {});
  assert.equal(read(envelope(group + group.replace('urn:1', 'urn:2'))).serviceGroup, 'urn:1');
  for (const text of [
    '',
    '{"ClientID":1}',
    '<a',
    `<a>${client}`,
    `<!DOCTYPE a [<!ENTITY e "x">]>${envelope(client)}`,
  ]) {
    assert.equal(read(text).serviceGroup, undefined);
  }
  assert.deepEqual(read(`<!DOCTYPE a>${envelope(client)}`), {});
});

test('hostile messages cost no more than they are long', () => {
  for (const text of [
    '<a>'.repeat(200_000),
    `<a ${'b="c" '.repeat(50_000)}>`,
    envelope('x'.repeat(900_000)),
    '&'.repeat(500_000),
  ]) {
    const began = process.cpuUsage();
    read(text);
    const { user } = process.cpuUsage(began);
    assert.ok(user < 1_500_000, `${user} us for ${text.slice(0, 10)}`);
  }
  fc.assert(fc.property(fc.string(), fc.array(fc.nat(100), { maxLength: 3 }), (text, cuts) => void read(text, cuts)));
});
