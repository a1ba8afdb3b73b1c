import type { KeyManager } from '@sluice/key-manager';
import type { Log } from '@sluice/model';
import type { Store } from '@sluice/store';

/** What the feed is made from. */
export interface FeedDependencies {
  readonly store: Store;
  readonly keyManager: Pick<KeyManager, 'authenticateBasic'>;
  readonly log: Log;
}
