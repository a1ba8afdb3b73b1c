import { request } from 'node:http';

/** Calls the REST APIs of this very process as their clients do; rejects on any status that is not 2xx. */
export class OwnRest {
  readonly #host: string;
  readonly #port: number;
  readonly #authorization: string;

  constructor(host: string, port: number, username: string, password: string) {
    this.#host = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    this.#port = port;
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the answers are described by the portals' OpenAPI documents
  post(path: string, body: unknown): Promise<any> {
    return this.#call('POST', path, 'application/json', JSON.stringify(body));
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  put(path: string, body: unknown): Promise<any> {
    return this.#call('PUT', path, 'application/json', JSON.stringify(body));
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  get(path: string): Promise<any> {
    return this.#call('GET', path, 'application/json', '');
  }

  delete(path: string): Promise<unknown> {
    return this.#call('DELETE', path, 'application/json', '');
  }

  /** A form of text fields (RFC 7578). */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  form(path: string, fields: Readonly<Record<string, string>>): Promise<any> {
    const boundary = 'sluice-sample-form';
    const parts = Object.entries(fields).map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return this.#call(
      'POST',
      path,
      `multipart/form-data; boundary=${boundary}`,
      `${parts.join('')}--${boundary}--\r\n`,
    );
  }

  #call(method: string, path: string, type: string, body: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: this.#authorization,
        ...(body ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : {}),
      };
      const call = request({ host: this.#host, port: this.#port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(text ? JSON.parse(text) : undefined);
          else reject(new Error(`${method} ${path} answered ${status}: ${text.slice(0, 500)}`));
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}
