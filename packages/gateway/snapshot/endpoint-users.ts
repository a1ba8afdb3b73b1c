import { type DeployedApi, referencesOf } from '@sluice/model';
import { placeOf } from '../endpoints/kinds/shared.ts';

/** Which APIs refer to which shared endpoints. */
export class EndpointUsers {
  readonly #byEndpoint = new Map<string, Map<string, DeployedApi>>();
  readonly #byApi = new Map<string, readonly string[]>();

  /** Takes over what an API refers to now; undefined for an API that is no more. */
  set(apiId: string, api: DeployedApi | undefined): void {
    for (const place of this.#byApi.get(apiId) ?? []) {
      const users = this.#byEndpoint.get(place);
      users?.delete(apiId);
      if (users?.size === 0) this.#byEndpoint.delete(place);
    }
    const places = api === undefined ? [] : placesOf(api);
    if (api === undefined || places.length === 0) {
      this.#byApi.delete(apiId);
      return;
    }
    this.#byApi.set(apiId, places);
    for (const place of places) {
      const users = this.#byEndpoint.get(place) ?? new Map<string, DeployedApi>();
      this.#byEndpoint.set(place, users.set(apiId, api));
    }
  }

  /** Those that refer to the endpoint with this id in the feed, as they are now. */
  of(place: string): readonly DeployedApi[] {
    return [...(this.#byEndpoint.get(place)?.values() ?? [])];
  }
}

function placesOf({ organization, endpoints }: DeployedApi): string[] {
  const references = [...referencesOf(endpoints.production), ...referencesOf(endpoints.sandbox)];
  return [...new Set(references.map(({ key }) => placeOf(organization, key)))];
}
