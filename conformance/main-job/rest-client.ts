import assert from 'node:assert/strict';

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the answer must hold
  readonly json: any;
}

interface RestBody {
  readonly json?: unknown;
  readonly form?: FormData;
  readonly urlencoded?: Record<string, string>;
  /** Asserted when given. */
  readonly expect?: number;
}

/** Calls the REST APIs with one Authorization header. */
export class RestClient {
  readonly #base: string;
  readonly #authorization: string | undefined;

  constructor(base: string, authorization?: string) {
    this.#base = base;
    this.#authorization = authorization;
  }

  static basic(base: string, user = 'admin', password = 'admin'): RestClient {
    return new RestClient(base, `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  }

  get(path: string, expect = 200): Promise<RestAnswer> {
    return this.call('GET', path, { expect });
  }

  post(path: string, json?: unknown, expect = 200): Promise<RestAnswer> {
    return this.call('POST', path, { json, expect });
  }

  async call(method: string, path: string, { json, form, urlencoded, expect }: RestBody = {}): Promise<RestAnswer> {
    const response = await fetch(new URL(path, this.#base), {
      method,
      headers: {
        ...(this.#authorization ? { authorization: this.#authorization } : {}),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: json !== undefined ? JSON.stringify(json) : (form ?? (urlencoded ? new URLSearchParams(urlencoded) : null)),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    const answer: RestAnswer = {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
    if (expect !== undefined)
      assert.equal(answer.status, expect, `${method} ${path} answered ${answer.status}: ${text.slice(0, 2000)}`);
    return answer;
  }
}
