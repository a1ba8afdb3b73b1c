import {
  type Api,
  basePathOf,
  errors,
  type JsonObject,
  portalDefinition,
  readDefinition,
  SluiceError,
} from '@sluice/model';
import { type ServedAt, urls } from './endpoint-urls.ts';

/**
 * The definition as consumers may see it: it names the gateways instead of whatever servers it was written with,
 * and leaves out what is for the gateway and the publisher alone. `server` is where this key manager answers.
 */
export function consumerDefinition(api: Api, text: string, places: readonly ServedAt[], server: string): JsonObject {
  const bases = places.flatMap((place) => Object.values(urls(api, place.vhost, basePathOf(api))).reverse());
  const definition = portalDefinition(readDefinition(text), {
    urls: bases,
    authorizationUrl: `${server}/oauth2/authorize`,
    tokenUrl: `${server}/oauth2/token`,
  });
  if (bases.length > 0) return definition;
  // Served nowhere yet: the path is all that there is to say, and the servers it was written with are backends.
  if (typeof definition.swagger !== 'string') return { ...definition, servers: [{ url: basePathOf(api) }] };
  const { host: _host, schemes: _schemes, ...kept } = definition;
  return { ...kept, basePath: basePathOf(api) };
}

/** The places that a definition shall name. Throws 404 when the API is not served in the environment asked for. */
export function chosenPlaces(places: readonly ServedAt[], environment: string): readonly ServedAt[] {
  if (environment === '') return places;
  const chosen = places.filter((place) => place.environment.name === environment);
  if (chosen.length === 0) throw new SluiceError(errors.environmentNotFound, { id: environment });
  return chosen;
}
