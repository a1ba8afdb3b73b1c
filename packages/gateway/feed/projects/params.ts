import type { JsonObject } from '@sluice/model';
import { isObject, ProjectDocument, stepsOf } from './document.ts';
import type { ProjectFiles } from './files.ts';
import type { ProjectError } from './project-error.ts';

const names = ['params.yaml', 'params.yml'];
const sides = ['production', 'sandbox'] as const;

/** What a params file of apictl says of an environment (wso2-control-plane.md 4.6), as far as it concerns a gateway without a control plane. */
export interface ProjectParams {
  /** The endpoint configuration with the security of the params. */
  readonly endpointConfig: JsonObject;
  /** What the params say besides, which is not applied. */
  readonly warnings: readonly string[];
  /** An error about a member of the configuration that the params brought; undefined when it is the project's own. */
  mistake(path: string, reason: string): ProjectError | undefined;
}

/**
 * Puts the endpoint security of the project's params file into its endpoint configuration: exported projects have blanks in the place of secrets. `$NAME` and
 * `${NAME}` in values are read from `variables`, as apictl does. Undefined when no params are for the environment; throws `ProjectError`.
 */
export function applyParams(
  files: ProjectFiles,
  environment: string,
  config: JsonObject,
  variables: Readonly<Record<string, string | undefined>>,
): ProjectParams | undefined {
  const file = files.first(names);
  if (file === undefined) return undefined;
  const document = new ProjectDocument(file.place, file.text);
  const list = document.root.environments;
  if (!Array.isArray(list)) throw document.error(['environments'], 'environments must be a list');
  const index = list.findIndex((one) => isObject(one) && one.name === environment);
  const entry = list[index];
  if (!isObject(entry) || !isObject(entry.configs)) return undefined;
  const { security = {}, ...others } = entry.configs;
  const where = ['environments', index, 'configs', 'security'];
  if (!isObject(security)) throw document.error(where, 'security must be a map of production and sandbox');
  const merged = ownSecurity(config);
  for (const side of sides) {
    const given = security[side];
    if (given === undefined || given === null) continue;
    if (!isObject(given)) throw document.error([...where, side], `${side} must be a map`);
    const fill = (value: string, path: readonly (string | number)[]) =>
      value.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, bare: string | undefined) => {
        const name = braced ?? bare ?? '';
        const found = variables[name];
        if (found !== undefined) return found;
        throw document.error([...where, side, ...path], `the environment variable ${name} is not set`);
      });
    const filled = Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' ? fill(value, [name]) : value,
    ]);
    merged[side] = { ...(isObject(merged[side]) ? merged[side] : {}), ...Object.fromEntries(filled) };
  }
  const ignored = Object.keys(others);
  return {
    endpointConfig: { ...config, endpoint_security: merged },
    warnings: ignored.length === 0 ? [] : [`${file.place}: ${ignored.join(', ')} of the params are not applied here`],
    mistake: (path, reason) => {
      const [first, side, ...rest] = stepsOf(path);
      if (first !== 'endpoint_security' || !isObject(security[String(side)])) return undefined;
      return document.error([...where, String(side), ...rest], reason);
    },
  };
}

/** The security that the configuration has, by side, whichever way it is written. */
function ownSecurity(config: JsonObject): Record<string, JsonObject[string]> {
  const own = config.endpoint_security;
  if (!isObject(own)) return {};
  return 'production' in own || 'sandbox' in own ? { ...own } : { production: own, sandbox: own };
}
