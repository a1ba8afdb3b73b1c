import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wsdlAddress } from './address.ts';

const one = `<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
  <wsdl:types><schema><element name="service"/></schema></wsdl:types>
  <wsdl:service name="Orders">
    <wsdl:port name="Queue" binding="x"><soap:address location="jms:queue"/></wsdl:port>
    <wsdl:port name="Soap11" binding="x"><soap:address location=" http://b.example.com/orders "/></wsdl:port>
    <wsdl:port name="Soap12" binding="x"><soap:address location="https://b.example.com/orders?v=2&amp;w=3"/></wsdl:port>
    <wsdl:port name="Reference" binding="x"><a:EndpointReference xmlns:a="x"><a:Address>https://b.example.com/ref</a:Address></a:EndpointReference></wsdl:port>
  </wsdl:service>
</wsdl:definitions>`;
const two = `<description xmlns="http://www.w3.org/ns/wsdl"><service name="A"><endpoint name="P" address="https://a.example.com"/></service>
<service name="B"><endpoint name="P" address="https://b.example.com"/></service></description>`;

test('the address of a port is found in both versions of WSDL, by service and port, or without where that is plain', () => {
  assert.equal(wsdlAddress(one, 'Orders', 'Soap12'), 'https://b.example.com/orders?v=2&w=3');
  assert.equal(wsdlAddress(one, 'Orders', 'Reference'), 'https://b.example.com/ref');
  assert.equal(wsdlAddress(one, '', ''), 'http://b.example.com/orders');
  assert.equal(wsdlAddress(two, 'B', 'P'), 'https://b.example.com');
});

test('a document that does not say where the port is says what it has instead', () => {
  const rows: [string, string, string, RegExp][] = [
    [two, '', '', /services "A", "B"; name one/],
    [two, 'C', '', /no service "C", but "A", "B"/],
    [one, 'Orders', 'None', /no port "None", but "Queue", "Soap11"/],
    [one, '', 'Queue', /"Queue" has no http/],
    ['<definitions/>', '', '', /no service with a port/],
    ['<html><service/></html>', '', '', /neither definitions nor description/],
    ['not XML', '', '', /not well-formed/],
    ['<!DOCTYPE a [<!ENTITY b "c">]><definitions/>', '', '', /document type/],
    [`${'<definitions>'.repeat(300)}`, '', '', /nested deeper/],
  ];
  for (const [text, service, port, reason] of rows) assert.throws(() => wsdlAddress(text, service, port), reason);
});
