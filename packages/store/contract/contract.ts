import { after, before, describe } from 'node:test';
import type { Store } from '../store.ts';
import { apiContract } from './apis.ts';
import { applicationContract } from './applications.ts';
import { catalogContract } from './catalog.ts';
import type { OpenDatabase, TestDatabase } from './database.ts';
import { endpointSecretsContract } from './endpoint-secrets.ts';
import { feedContract } from './feed.ts';
import { isolationContract } from './isolation.ts';
import { openingContract } from './opening.ts';
import { revisionContract } from './revisions.ts';
import { searchContract } from './search.ts';
import { sharedEndpointContract } from './shared-endpoints.ts';
import { systemContract } from './system.ts';
import { throttlingContract } from './throttling.ts';
import { transactionContract } from './transactions.ts';

/** What tests of one chapter share; each test keeps to rows and organizations of its own. */
export interface Fixture {
  readonly store: Store;
  readonly database: TestDatabase;
}

const chapters: Readonly<Record<string, (fixture: Fixture) => void>> = {
  opening: openingContract,
  apis: apiContract,
  'api search': searchContract,
  'revisions and deployments': revisionContract,
  'applications, keys and subscriptions': applicationContract,
  'plans, environments, users and clients': catalogContract,
  throttling: throttlingContract,
  system: systemContract,
  feed: feedContract,
  transactions: transactionContract,
  isolation: isolationContract,
  'endpoint secrets': endpointSecretsContract,
  'shared endpoints': sharedEndpointContract,
};

/** The one suite that both engines pass. */
export function storeContract(engine: string, open: OpenDatabase): void {
  for (const [chapter, contract] of Object.entries(chapters)) {
    describe(`${engine}: ${chapter}`, () => {
      let database: TestDatabase;
      before(async () => {
        database = await open();
      });
      after(() => database.remove());
      contract({
        get store() {
          return database.store;
        },
        get database() {
          return database;
        },
      });
    });
  }
}
