/** How the gateway answers requests for what it serves: definitions, the list of services, its version. */
export interface DocumentOptions {
  /** Version of the program. */
  readonly version: string;
  /** Name of this gateway in addresses. */
  readonly hostname: string;
  /** What stands before base paths in definitions instead of scheme, host name and port: `https://api.example.com/`. WSO2's `WSDLEPRPrefix`. */
  readonly httpPrefix?: string;
  readonly httpsPrefix?: string;
  /** Where users let applications have tokens; for the security scheme of definitions. */
  readonly authorizationUrl: string;
  /** True answers 403 for the list of services. WSO2's `http.block_service_list`. */
  readonly listBlocked: boolean;
}

/** Ports in use; a gateway without such a listener has none. */
export interface Ports {
  readonly http: number | undefined;
  readonly https: number | undefined;
}
