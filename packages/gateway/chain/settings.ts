import type { CorsConfiguration, Log } from '@sluice/model';
import type { BackendSecuritySettings } from '../backend-security/options.ts';
import type { Documents } from '../documents/documents.ts';
import type { GroupSettings } from '../endpoints/group-settings.ts';
import type { AllowedHosts } from '../endpoints/kinds/hosts.ts';
import type { CopySettings } from '../endpoints/kinds/recipients.ts';
import type { SharedEndpoints } from '../endpoints/kinds/shared.ts';
import type { LeafRecords } from '../endpoints/leaf-records.ts';
import type { HealthChecks } from '../endpoints/watch/health-checks.ts';
import type { Stories } from '../story/stories.ts';
import type { ThrottlingOptions } from '../throttling/options.ts';
import type { Throttler } from '../throttling/throttler.ts';
import type { BackendFault, BackendTls, ResponseHead } from '../transport/call.ts';
import type { Timeouts } from '../transport/options.ts';
import type { Exchange } from './exchange.ts';
import type { FaultLog } from './fault-log.ts';
import type { CompiledHeaders } from './request-headers.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** What every call of one gateway shares. */
export interface ChainSettings {
  readonly log: Log;
  readonly faultLog: FaultLog;
  readonly verifier: TokenVerifier;
  readonly throttler: Throttler;
  readonly stories: Stories;
  /** `sluice` answers backend faults with 502, 503 and 504; `wso2` with 500. */
  readonly faultStatus: 'sluice' | 'wso2';
  /** False lets any valid token in, for gateways without a subscription store. */
  readonly subscriptionCheck: boolean;
  /** Which keys this gateway serves. */
  readonly environmentType: 'hybrid' | 'production' | 'sandbox';
  /** Lower-case name of the header that ties records of one call together in several programs. */
  readonly correlationHeader: string;
  /** Whether WebSockets are for pages of allowed origins only (`enable_validation_for_ws`). */
  readonly checksOrigins: boolean;
  /** Lower-case names of response headers that the access log shows. */
  readonly loggedHeaders: readonly string[];
  /** Answers for definitions and the list of services; null leaves them to the APIs. */
  readonly documents: Documents | null;
  onResponse(exchange: Exchange, head: ResponseHead): string | undefined;
  onFault(exchange: Exchange, fault: BackendFault): void;
  /** A call that waited for units is decided: where `goesOn` says so, what stands behind the throttling in its steps runs. */
  decided(exchange: Exchange, goesOn: () => boolean): void;
  /** Whether a WebSocket may go on. */
  tunnelAllowed(exchange: Exchange): boolean;
}

/** Fixed for all APIs of a gateway; compiled into each of them. */
export interface CompileSettings {
  /** CORS for APIs without a configuration of their own; null sets no header for them. */
  readonly cors: CorsConfiguration | null;
  /** Response headers that scripts may read (`Access-Control-Expose-Headers`); empty sends none. */
  readonly corsExposeHeaders: readonly string[];
  /** True sends the consumed credential on to the backend (`enable_outbound_auth_header`). */
  readonly keepAuthorization: boolean;
  readonly backendTls: Omit<BackendTls, 'serverName'>;
  readonly backendSecurity: BackendSecuritySettings;
  readonly headers: CompiledHeaders;
  /** States of all backend addresses. */
  readonly leaves: LeafRecords;
  /** Endpoints that APIs refer to by name. */
  readonly shared: SharedEndpoints;
  /** Where calls may be sent that say themselves where. */
  readonly dynamicHosts: AllowedHosts;
  readonly copies: CopySettings;
  readonly groups: GroupSettings;
  readonly healthChecks: HealthChecks;
  readonly throttling: ThrottlingOptions;
  /** What is in force where API and endpoint say nothing. */
  readonly timeouts: Timeouts;
}
