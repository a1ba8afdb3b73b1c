import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';
import { versionOf } from './version.ts';

/** Name of the security scheme that WSO2 keeps for the gateway's own tokens. */
export const defaultScheme = 'default';

/** The security schemes of a definition by name. */
export function securitySchemes(document: JsonObject): JsonObject {
  const holder =
    versionOf(document) === '2.0' ? document.securityDefinitions : asObject(document.components)?.securitySchemes;
  return asObject(holder) ?? {};
}

/** The security requirements in `holder`, one object per alternative; undefined when it has none of its own. */
export function requirements(holder: JsonObject): JsonObject[] | undefined {
  if (!Array.isArray(holder.security)) return undefined;
  return holder.security.filter((item: Json): item is JsonObject => asObject(item) !== undefined);
}
