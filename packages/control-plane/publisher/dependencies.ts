import type { KeyManager } from '@sluice/key-manager';
import type { GatewayDeadlines, Log } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { FetchProxy } from '../fetch/index.ts';
import type { PlanSettings } from '../plans/offered.ts';

/** What an operator may choose about the publisher. */
export interface PublisherSettings {
  /** Where the developer portal is, for links. */
  readonly devportalUrl: string;
  /** Revisions that one API may have. `[sluice.publisher] max_revisions`; WSO2: `ApiMaxRevisionCount`, 5 */
  readonly maxRevisions: number;
  /** `[apim.publisher] allow_private_import`: whether imports by URL may reach addresses that are not on the internet. */
  readonly allowPrivateImport: boolean;
  /** Between the control plane and what it imports by URL; undefined when there is none. */
  readonly importProxy: FetchProxy | undefined;
  /** Milliseconds that fetching a definition by URL may take; default 20,000. */
  readonly importDeadline: number;
  /** Bytes of a definition; WSO2 and we: 10 MB. */
  readonly definitionBytes: number;
}

/** What the publisher works with. */
export interface PublisherDependencies {
  readonly store: Store;
  readonly keyManager: KeyManager;
  readonly log: Log;
  readonly settings: PublisherSettings;
  readonly plans: PlanSettings;
  /** Those of the gateways, as far as the settings of this program tell. */
  readonly deadlines: GatewayDeadlines;
}
