import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readdress, schemasOf, WsdlError, wsdlVersion } from './wsdl.ts';

const wsdl11 = `<?xml version="1.0"?>\r
<!-- <port><address location="http://comment/"/></port> -->
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns='urn:phones' xmlns:soap="urn:soap" xmlns="urn:none">
  <wsdl:documentation>&lt;port&gt; <address location="http://documentation/"/></wsdl:documentation>
  <wsdl:types>
    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:own" targetNamespace="urn:phones"><xs:element name="Téléphone"/></xs:schema>
    <s:schema xmlns:s="urn:second"/>
  </wsdl:types>
  <wsdl:service name="Phones">
    <wsdl:port name="One" binding="tns:B">
      <soap:address   location = 'http://backend:1/x?a=1&amp;b=2' />
    </wsdl:port>
    <wsdl:port name="Two"><soap12:address location="https://backend/"></soap12:address></wsdl:port>
    <wsdl:port name="Three"><wsa:EndpointReference><wsa:Address> http://backend/3 </wsa:Address></wsa:EndpointReference></wsdl:port>
  </wsdl:service>
</wsdl:definitions>`;
const wsdl20 =
  '<description xmlns="http://www.w3.org/ns/wsdl"><service name="S" interface="I"><endpoint name="E" binding="B" address="http://b/"/></service></description>';

test('every address of a service is replaced, and not a character besides', () => {
  const given: string[] = [];
  const made = readdress(wsdl11, (address) => {
    given.push(address);
    return 'https://gateway/phones?a&b';
  });
  assert.deepEqual(given.toSorted(), ['http://backend/3', 'http://backend:1/x?a=1&b=2', 'https://backend/']);
  const expected = wsdl11
    .replace('http://backend:1/x?a=1&amp;b=2', 'https://gateway/phones?a&amp;b')
    .replace('https://backend/', 'https://gateway/phones?a&amp;b')
    .replace(' http://backend/3 ', 'https://gateway/phones?a&amp;b');
  assert.equal(made, expected);
  assert.match(
    readdress(wsdl20, () => 'urn:x'),
    /address="urn:x"/,
  );
});

test('the version of the language is told by the root', () => {
  assert.deepEqual([wsdl11, wsdl20, '<definition/>'].map(wsdlVersion), ['1.1', '2.0', undefined]);
});

test('a schema that is taken out keeps the namespaces that it has from around it', () => {
  const [first = '', second = ''] = schemasOf(wsdl11);
  assert.match(
    first,
    /^<\?xml [^>]*\?>\n<xs:schema [^>]*xmlns:tns="urn:phones"[^>]*xmlns="urn:own"[^>]*><xs:element name="Téléphone"\/>/,
  );
  assert.equal(first.match(/xmlns="/g)?.length, 1, 'a namespace may not be declared twice');
  assert.match(second, /<s:schema [^>]*xmlns="urn:none"[^>]*xmlns:s="urn:second"\/>$/);
  for (const schema of [first, second]) assert.equal(readdress(schema, String), schema, 'it is well-formed');
});

test('a document with a type, without an end, or without a bottom is refused', () => {
  const hostile = [
    '<!DOCTYPE definitions [<!ENTITY a "aaaaaaaaaa">]><definitions>&a;</definitions>',
    '<definitions>&undeclared;</definitions>',
    wsdl11.slice(0, 400),
    `${'<a>'.repeat(300)}${'</a>'.repeat(300)}`,
    'hello',
  ];
  for (const text of hostile) assert.throws(() => readdress(text, String), WsdlError, text.slice(0, 40));
});

test('whatever is cut out of a document or put into it, it is read or refused', () => {
  fc.assert(
    fc.property(fc.nat(wsdl11.length), fc.nat(30), fc.string({ maxLength: 10 }), (at, length, text) => {
      const changed = wsdl11.slice(0, at) + text + wsdl11.slice(at + length);
      try {
        readdress(changed, () => 'urn:x');
        schemasOf(changed);
      } catch (error) {
        assert.ok(error instanceof WsdlError, (error as Error).stack);
      }
    }),
    { numRuns: 500 },
  );
});
