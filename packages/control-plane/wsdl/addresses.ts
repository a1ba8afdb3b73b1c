import { errors, type Json, type JsonObject, SluiceError, WsdlAddressError, wsdlAddress } from '@sluice/model';

/** Documents that are read for one configuration. */
const mostDocuments = 10;

/**
 * The configuration with the address of each WSDL endpoint, read from its document: where none is given, or where document, service or port are other ones than
 * `before`. `fetchText` gets a document. Throws 400, and what fetching throws.
 */
export async function withWsdlAddresses(
  config: JsonObject,
  before: JsonObject | null,
  fetchText: (url: string) => Promise<string>,
): Promise<JsonObject> {
  const reader = new AddressReader(fetchText);
  return (await reader.visit(config, before ?? undefined, '', isWsdl(config))) as JsonObject;
}

class AddressReader {
  readonly #fetchText: (url: string) => Promise<string>;
  readonly #documents = new Map<string, Promise<string>>();

  constructor(fetchText: (url: string) => Promise<string>) {
    this.#fetchText = fetchText;
  }

  /** Depth is that of a parsed body. */
  async visit(value: Json, before: Json | undefined, path: string, around: boolean): Promise<Json> {
    if (Array.isArray(value)) {
      const old = Array.isArray(before) ? before : [];
      const items: Json[] = [];
      for (const [index, item] of value.entries())
        items.push(await this.visit(item, old[index], `${path}[${index}]`, around));
      return items;
    }
    if (value === null || typeof value !== 'object') return value;
    const old = asObject(before);
    const own = value.endpoint_type === undefined ? around : isWsdl(value);
    if (own && path !== '' && typeof value.url === 'string') return this.#addressed(value, old, path);
    const entries: [string, Json][] = [];
    for (const [name, child] of Object.entries(value)) {
      const inside = /_(?:endpoints|failovers)$/.test(name);
      const where = path === '' ? name : `${path}.${name}`;
      entries.push([name, inside ? await this.visit(child, old?.[name], where, around) : child]);
    }
    return Object.fromEntries(entries);
  }

  async #addressed(endpoint: JsonObject, before: JsonObject | undefined, path: string): Promise<JsonObject> {
    const url = String(endpoint.url).trim();
    const given = typeof endpoint.address === 'string' && endpoint.address.trim() !== '';
    if (url === '' || (given && (before === undefined || placeOf(before) === placeOf(endpoint)))) return endpoint;
    if (!this.#documents.has(url) && this.#documents.size >= mostDocuments) {
      throw invalid(path, `at most ${mostDocuments} WSDL documents are read for one API. Give the addresses.`);
    }
    const document = this.#documents.get(url) ?? this.#fetchText(url);
    this.#documents.set(url, document);
    const { service = '', port = '' } = asObject(endpoint.config) ?? {};
    try {
      return { ...endpoint, address: wsdlAddress(await document, String(service).trim(), String(port).trim()) };
    } catch (error) {
      if (error instanceof WsdlAddressError) throw invalid(path, `the WSDL document does not tell: ${error.message}`);
      throw error;
    }
  }
}

function isWsdl({ endpoint_type: type }: JsonObject): boolean {
  return typeof type === 'string' && type.trim().toLowerCase() === 'wsdl';
}

function placeOf(endpoint: JsonObject): string {
  const { service = '', port = '' } = asObject(endpoint.config) ?? {};
  return JSON.stringify([endpoint.url, service, port]);
}

function invalid(path: string, detail: string): SluiceError {
  return new SluiceError(errors.endpointConfigInvalid, { path, detail });
}

function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}
