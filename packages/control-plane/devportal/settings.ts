import type { KeyManager } from '@sluice/key-manager';
import type { CounterDesk, Log } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { PlanSettings } from '../plans/offered.ts';

/** A value that every application carries (WSO2: `[[apim.devportal.application_attributes]]`). */
export interface ApplicationAttribute {
  readonly name: string;
  readonly description: string;
  readonly tooltip: string;
  readonly required: boolean;
  readonly hidden: boolean;
  /** Taken where a required value is not given. */
  readonly default?: string;
}

/** What an operator may choose about the developer portal. */
export interface DevportalSettings {
  /** Lists every version of an API; false lists the newest alone. `[apim.devportal] display_multiple_versions` */
  readonly displayMultipleVersions: boolean;
  /** Lists deprecated APIs too. `[apim.devportal] display_deprecated_apis` */
  readonly displayDeprecatedApis: boolean;
  /** Lets people look around without signing in. `[apim.devportal] enable_anonymous_mode` */
  readonly anonymousMode: boolean;
  /** Gives a subscriber `DefaultApplication` at the first sign-in. */
  readonly defaultApplication: boolean;
  /** Lets people change their own password. `[apim.devportal] enable_password_change` */
  readonly passwordChange: boolean;
  /** Lets applications take OAuth clients that exist. */
  readonly mapExistingClients: boolean;
  readonly applicationAttributes: readonly ApplicationAttribute[];
}

/** The settings of an installation that chose nothing. */
export const defaultDevportalSettings: DevportalSettings = {
  displayMultipleVersions: false,
  displayDeprecatedApis: false,
  anonymousMode: true,
  defaultApplication: true,
  passwordChange: true,
  mapExistingClients: true,
  applicationAttributes: [],
};

/** What the developer portal works with. */
export interface DevportalDependencies {
  readonly store: Store;
  readonly keyManager: KeyManager;
  readonly log: Log;
  readonly settings: DevportalSettings;
  readonly plans: PlanSettings;
  /** The counters of this program's gateway; undefined where it has none. */
  readonly counters: CounterDesk | undefined;
}
