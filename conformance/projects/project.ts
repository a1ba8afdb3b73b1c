import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `api.yaml` of a published API with two open operations, `GET /items` and `POST /items`, at this backend. */
export function apiYaml(name: string, url: string): string {
  return `type: api
version: v4.7.0
data:
  name: ${name}
  context: /${name.toLowerCase()}
  version: 1.0.0
  provider: admin
  lifeCycleStatus: PUBLISHED
  type: HTTP
  transport: [http, https]
  policies: [Unlimited]
  endpointConfig:
    endpoint_type: http
    production_endpoints: { url: ${url} }
  operations:
    - { target: /items, verb: GET, authType: None, throttlingPolicy: Unlimited }
    - { target: /items, verb: POST, authType: None, throttlingPolicy: Unlimited }
`;
}

/** Its OpenAPI definition. */
export const definition =
  'openapi: 3.0.3\ninfo: { title: T, version: 1.0.0 }\npaths:\n  /items:\n    get: { x-auth-type: None, responses: {} }\n    post: { x-auth-type: None, responses: {} }\n';

/** A project in apictl's layout; its API is served at `/name/1.0.0/items`, the name in lower case. */
export function writeProject(folder: string, name: string, url: string): void {
  mkdirSync(join(folder, name, 'Definitions'), { recursive: true });
  writeFileSync(join(folder, name, 'api.yaml'), apiYaml(name, url));
  writeFileSync(join(folder, name, 'Definitions', 'swagger.yaml'), definition);
}
