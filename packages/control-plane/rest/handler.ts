import type { Readable } from 'node:stream';
import type { Json, JsonObject, Principal } from '@sluice/model';

/** A part of a `multipart/form-data` request. Files are held in memory; the body limit bounds them. */
export interface FormFile {
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What a handler gets: validated against the operation's description, with its defaults filled in. */
export interface RestRequest {
  /** `anonymous` is true where the operation allows calls without credentials and none were given. */
  readonly principal: Principal;
  readonly anonymous: boolean;
  readonly organization: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | number | boolean | string[] | undefined>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** JSON body; undefined when there was none. */
  readonly body: Json | undefined;
  /** Multipart requests: text fields and files by name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, FormFile>>;
  /** `https://host:port`, from the request's own Host, for links. */
  readonly baseUrl: string;
  /** Judges a value that came inside of another (JSON in a form field) by a named schema of the description, as bodies are; throws 400. */
  check(schema: string, value: Json): Promise<void>;
}

/** What a handler gives. Errors are thrown as `SluiceError`. */
export interface RestResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON; text and bytes need a content type in `headers`. */
  readonly body?: JsonObject | readonly Json[] | string | Uint8Array | Readable;
}

export type RestHandler = (request: RestRequest) => Promise<RestResponse>;

/** Handlers by the operation id of the portal's description; every operation described has one and every handler is described. */
export type RestHandlers = Readonly<Record<string, RestHandler>>;
