/** A key in the query of every request. */
export class ApiKeyQuery {
  /** `name=value`, encoded. */
  readonly pair: string;
  readonly #name: string;

  /** Throws an Error in words when there is no name or no value. */
  constructor(name: string, value: string) {
    if (name === '' || value === '') throw new Error('its endpoint security has no apiKeyIdentifier or no apiKeyValue');
    this.#name = name.toWellFormed();
    this.pair = `${encodeURIComponent(this.#name)}=${encodeURIComponent(value.toWellFormed())}`;
  }

  /** The client's query, with its `?` or empty, without parameters of that name: the backend shall see one key, the gateway's. */
  withoutOwn(query: string): string {
    if (query.length <= 1) return query;
    const pairs = query.slice(1).split('&');
    const kept = pairs.filter((pair) => !this.#isOwn(pair));
    if (kept.length === pairs.length) return query;
    return kept.length === 0 ? '' : `?${kept.join('&')}`;
  }

  #isOwn(pair: string): boolean {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    return name === this.#name || decoded(name) === this.#name;
  }
}

/** As forms are read; what is no percent-encoding stays as it is. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
