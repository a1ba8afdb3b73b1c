import { errors } from '@sluice/model';
import { corsLines } from '../chain/cors.ts';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import { checkTransport } from '../chain/transport-check.ts';
import type { CompiledApi } from '../snapshot/api.ts';
import { addressesOf } from './addresses.ts';
import { type OpenApiForm, openApiOf } from './openapi.ts';
import type { DocumentOptions, Ports } from './options.ts';
import { serviceList } from './service-list.ts';
import { isShown } from './shown.ts';
import { wsdlDocument } from './wsdl-document.ts';

/** First words of a query that ask for a definition. */
const forms: ReadonlyMap<string, OpenApiForm> = new Map([
  ['swagger', 'json'],
  ['swagger.json', 'json'],
  ['swagger.yaml', 'yaml'],
  ['openapi', 'json'],
  ['openapi.json', 'json'],
  ['openapi.yaml', 'yaml'],
]);
const types: Readonly<Record<OpenApiForm, string>> = {
  json: 'application/json; charset=UTF-8',
  yaml: 'application/yaml; charset=UTF-8',
};
/** Kinds of API whose operations OpenAPI can describe. */
const described: readonly string[] = ['HTTP', 'SOAP', 'SOAPTOREST'];

/** APIs whose definitions are kept, how many of each, and characters of one: an API is asked for by many at once, thousands seldom are. */
const mostKept = 32;
const mostForms = 4;
const longestKept = 65_536;

/**
 * Answers what WSO2's GET processor answers (wso2-gateway.md 1.3): definitions at the base path of an API, the list of services, the version and the icon that
 * browsers ask for. An API comes first: one that is mounted in such a place answers itself.
 */
export class Documents {
  readonly #options: DocumentOptions;
  readonly #ports: () => Ports;
  readonly #kept = new Map<CompiledApi, Map<string, string>>();

  /** `ports` is asked at every definition that is made: they are known only when the listeners are bound. */
  constructor(options: DocumentOptions, ports: () => Ports) {
    this.#options = options;
    this.#ports = ports;
  }

  /** A call on the base path of an API with a query. True: it was answered here. */
  answerApi(exchange: Exchange): boolean {
    const { head } = exchange.call;
    const { api, operation } = exchange;
    if (api === null || !isRead(head.method)) return false;
    const item = itemOf(head.query);
    const form = forms.get(item);
    const wsdl = item === 'wsdl' || item === 'wsdl2' || item === 'xsd';
    if ((form === undefined && !(wsdl && api.source.wsdl !== undefined)) || !isShown(api.source)) return false;
    // An operation of the API on the very path is the API's own matter; one on everything is not meant for definitions.
    if (operation !== null && operation.source.target !== '/*') return false;
    if (form !== undefined && !described.includes(api.source.type)) return false;
    const asked = form ?? `${item} ${parameterOf(head.query)}`;
    const body = this.#kept.get(api)?.get(asked) ?? this.#make(api, form, item, parameterOf(head.query));
    if (body === undefined) return false;
    this.#keep(api, asked, body);
    if (checkTransport(exchange)) answer(exchange, form === undefined ? 'text/xml; charset=UTF-8' : types[form], body);
    return true;
  }

  /** A call that fits no API. True: it was answered here. */
  answerUnrouted(exchange: Exchange): boolean {
    const { method, path, host } = exchange.call.head;
    if (!isRead(method)) return false;
    switch (path) {
      case '/services':
      case '/services/':
        if (this.#options.listBlocked) fail(exchange, errors.serviceListBlocked);
        else answer(exchange, 'text/html; charset=UTF-8', serviceList(exchange.snapshot, host));
        return true;
      case '/services/Version':
        answer(
          exchange,
          'application/xml; charset=UTF-8',
          `<ns:getVersionResponse xmlns:ns="http://version.services.core.carbon.wso2.org"><return>Sluice-${this.#options.version}</return></ns:getVersionResponse>`,
        );
        return true;
      case '/favicon.ico':
        // WSO2 sends browsers to an icon elsewhere; here there is none, and nothing to log for every one that asks.
        exchange.call.reply(204, 'Cache-Control: max-age=86400\r\n', '');
        return true;
      default:
        return false;
    }
  }

  #make(api: CompiledApi, form: OpenApiForm | undefined, item: string, value: string): string | undefined {
    const addresses = addressesOf(api, this.#options, this.#ports());
    if (form === undefined) return wsdlDocument(api, item, value, addresses);
    return openApiOf(api, addresses, this.#options.authorizationUrl, form);
  }

  #keep(api: CompiledApi, asked: string, body: string): void {
    if (body.length > longestKept) return;
    const texts = this.#kept.get(api) ?? new Map<string, string>();
    if (texts.size >= mostForms) return;
    this.#kept.set(api, texts.set(asked, body));
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > mostKept && !oldest.done) this.#kept.delete(oldest.value);
  }
}

function answer(exchange: Exchange, type: string, body: string): void {
  const lines = `Content-Type: ${type}\r\n${corsLines(exchange)}`;
  exchange.ownHeaders = lines;
  exchange.call.reply(200, lines, body);
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The first word of a query, as WSO2 tells its items apart: up to `&` or `=`. */
function itemOf(query: string): string {
  return (/^\?([^&=]{1,16})(?:[&=]|$)/.exec(query)?.[1] ?? '').toLowerCase();
}

/** What stands behind the first word. */
function parameterOf(query: string): string {
  return /^\?[^&=]*=([^&]*)/.exec(query)?.[1] ?? '';
}
