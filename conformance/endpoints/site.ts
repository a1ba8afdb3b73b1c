import assert from 'node:assert/strict';
import { type DeployedApi, type JsonObject, parseEndpointConfig } from '@sluice/model';
import { deployedApi, operation } from '../../packages/gateway/testing/entities.ts';

/** Base path of the API of a case. */
export const basePath = '/case/1.0.0';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

/** WSO2's advanced configuration of an endpoint (wso2-gateway.md 5.2). */
export type EndpointRules = JsonObject;

/** An endpoint at `{name}`, which stands for the URL of that backend. */
export function member(name: string, config: EndpointRules = {}, more: JsonObject = {}): JsonObject {
  return { url: `{${name}}/base`, config, ...more };
}

/** One backend, as the publisher writes it. */
export function http(config: EndpointRules = {}, more: JsonObject = {}): JsonObject {
  return { endpoint_type: 'http', production_endpoints: member('a', config), ...more };
}

/** `prod[0]` first, then `prod.failover[0]` and so on: the backends a, b, c … */
export function failover(rules: readonly EndpointRules[], more: JsonObject = {}): JsonObject {
  const [primary = {}, ...others] = rules.map((config, index) =>
    member(nameOf(index), config, { endpoint_type: 'http' }),
  );
  return {
    endpoint_type: 'failover',
    failOver: true,
    production_endpoints: primary,
    production_failovers: others,
    ...more,
  };
}

/** `prod[0]`, `prod[1]` and so on: the backends a, b, c … */
export function balance(rules: readonly EndpointRules[], more: JsonObject = {}): JsonObject {
  return {
    endpoint_type: 'load_balance',
    algoClassName: 'org.apache.synapse.endpoints.algorithms.RoundRobin',
    sessionManagement: '',
    sessionTimeOut: '',
    failOver: true,
    production_endpoints: rules.map((config, index) => member(nameOf(index), config, { endpoint_type: 'http' })),
    ...more,
  };
}

function nameOf(index: number): string {
  return String.fromCharCode(97 + index);
}

/** The API of a case. Every `{name}` in the configuration becomes the URL of that backend. */
export function apiOf(config: JsonObject, urls: ReadonlyMap<string, string>, more: Partial<DeployedApi>): DeployedApi {
  const { endpoints, findings } = parseEndpointConfig(located(config, urls));
  const wrong = findings.filter(({ level }) => level === 'error');
  assert.deepEqual(wrong, [], 'the endpoint configuration of the case');
  return deployedApi({
    name: 'case',
    basePath,
    operations: methods.map((method) => operation(method, '/*', { authType: 'None' })),
    endpoints,
    cors: null,
    ...more,
  });
}

export function located(config: JsonObject, urls: ReadonlyMap<string, string>): JsonObject {
  let text = JSON.stringify(config);
  for (const [name, url] of urls) {
    text = text.replaceAll(`{${name}}`, url).replaceAll(`{${name}:tls}`, url.replace('http:', 'https:'));
  }
  return JSON.parse(text) as JsonObject;
}

/** What a caller of SOAP 1.1 gets in place of an answer. */
export function soapFault(reason: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">' +
    `<soapenv:Body><soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>${reason}</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`
  );
}
