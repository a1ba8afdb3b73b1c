import { type Api, errors, type Json, type JsonObject, parseDefinition, SluiceError } from '@sluice/model';
import type { ServedAt } from './endpoint-urls.ts';
import { urls } from './endpoint-urls.ts';
import { fullContext } from './view.ts';

/**
 * The definition as consumers may see it: it names the gateways instead of whatever servers it was written with,
 * and leaves out the extensions that name backends and policies (`x-wso2-*`, `x-mediation-script` …).
 */
export function consumerDefinition(api: Api, text: string, places: readonly ServedAt[]): JsonObject {
  const document = withoutInternals(parseDefinition(text)) as JsonObject;
  const bases = places.flatMap((place) => Object.values(urls(api, place.vhost, fullContext(api))).reverse());
  if (typeof document.swagger === 'string') {
    const base = bases[0] === undefined ? undefined : new URL(bases[0]);
    const schemes = [...new Set(bases.map((url) => url.slice(0, url.indexOf(':'))))];
    return {
      ...document,
      ...(base ? { host: base.host } : {}),
      basePath: base?.pathname ?? fullContext(api),
      ...(schemes.length > 0 ? { schemes } : {}),
    };
  }
  return { ...document, servers: bases.length > 0 ? bases.map((url) => ({ url })) : [{ url: fullContext(api) }] };
}

/** The places that a definition shall name. Throws 404 when the API is not served in the environment asked for. */
export function chosenPlaces(places: readonly ServedAt[], environment: string): readonly ServedAt[] {
  if (environment === '') return places;
  const chosen = places.filter((place) => place.environment.name === environment);
  if (chosen.length === 0) throw new SluiceError(errors.environmentNotFound, { id: environment });
  return chosen;
}

/** Extensions for the gateway and the publisher alone. */
function isInternal(member: string): boolean {
  return member.startsWith('x-wso2-') || member === 'x-mediation-script' || member === 'x-throttling-tier';
}

function withoutInternals(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutInternals);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([member]) => !isInternal(member));
  return Object.fromEntries(kept.map(([member, inner]) => [member, withoutInternals(inner)]));
}
