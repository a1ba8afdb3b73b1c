/** A JSON value as `JSON.parse` yields it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object whose members are not (yet) known to the program. */
export interface JsonObject {
  [member: string]: Json;
}
