/** As WSO2 calls them, in lower case. */
export type EndpointStatus = 'active' | 'timeout' | 'suspended' | 'off';

export const endpointStatuses: readonly EndpointStatus[] = ['active', 'timeout', 'suspended', 'off'];

/** One backend address of an API as its operator sees it, with what all processes of the machine did. */
export interface EndpointState {
  /** Tells addresses apart: id of the API, slash, name of the endpoint. */
  readonly id: string;
  /** `name/version` of the API. */
  readonly api: string;
  /** As the endpoint tree calls it: `prod`, `prod[1]`. */
  readonly name: string;
  /** Without what may be secret. */
  readonly url: string;
  /** Null for an endpoint that APIs share. */
  readonly side: 'production' | 'sandbox' | null;
  readonly state: EndpointStatus;
  /** Epoch milliseconds at which the state began; null where it has been active ever since it was deployed. */
  readonly since: number | null;
  /** The fault that led to the state: its code at WSO2, its row in the error catalogue, and what it means. Null while no fault did. */
  readonly cause: { readonly code: number; readonly key: string; readonly words: string } | null;
  /** Milliseconds until calls go to it again, 0 where they do now; null where no time is set: `active` and `off`. */
  readonly nextTryIn: number | null;
  /** Answers of the backend, and faults in their place. */
  readonly answers: number;
  readonly faults: number;
}

/** Which endpoints are asked for. */
export interface EndpointQuery {
  /** Part of id, API, name or URL, without regard to case; absent finds all. */
  readonly search?: string;
  /** Exactly this state. */
  readonly state?: EndpointStatus;
  readonly offset: number;
  readonly limit: number;
}

/** The endpoints of the gateway on this machine, to look at and to switch. */
export interface EndpointDesk {
  /** Those that are not active first, then by API and name. */
  list(query: EndpointQuery): Promise<{ readonly total: number; readonly endpoints: readonly EndpointState[] }>;
  /**
   * Takes an endpoint out of use (`off`), or into use whatever its state was, in every process before this resolves. `by` is who wants it.
   * Undefined when there is none of that id.
   */
  switch(id: string, on: boolean, by: string): Promise<EndpointState | undefined>;
}
