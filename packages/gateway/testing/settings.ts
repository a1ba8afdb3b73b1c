import { silentLog } from '@sluice/model';
import { Ledger, MachineAuthority, systemClock } from '@sluice/throttle';
import { backendSecuritySettings } from '../backend-security/settings.ts';
import { compileHeaders, defaultHeaderRules } from '../chain/request-headers.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { groupSettings } from '../endpoints/group-settings.ts';
import { AllowedHosts } from '../endpoints/kinds/hosts.ts';
import { copySettings } from '../endpoints/kinds/recipients.ts';
import { SharedEndpoints } from '../endpoints/kinds/shared.ts';
import { LeafRecords } from '../endpoints/leaf-records.ts';
import { HealthChecks } from '../endpoints/watch/health-checks.ts';
import { Throttler } from '../throttling/throttler.ts';
import { Backends } from '../transport/backend-pool.ts';
import { defaultLimits, defaultPool, defaultTimeouts } from '../transport/options.ts';

const leaves = new LeafRecords(silentLog);
const backends = new Backends(defaultLimits, defaultTimeouts, defaultPool);

/** What pictures are compiled with where the settings do not matter. */
export const bareSettings: CompileSettings = {
  cors: null,
  corsExposeHeaders: [],
  keepAuthorization: false,
  backendTls: { verify: 'default' },
  backendSecurity: backendSecuritySettings({}, { backends, tls: { verify: 'default' }, log: silentLog }),
  headers: compileHeaders(defaultHeaderRules),
  leaves,
  shared: new SharedEndpoints(),
  dynamicHosts: new AllowedHosts([]),
  copies: copySettings(backends),
  groups: groupSettings({}, { keepsBody: 0 }),
  healthChecks: new HealthChecks(backends, leaves),
  throttling: {},
  timeouts: defaultTimeouts,
};

/** Applies limits with an authority of its own. */
export function bareThrottler(): Throttler {
  const authority = new MachineAuthority({ clock: systemClock }).connect('test');
  const ledger = new Ledger({ authority, clock: systemClock, patience: 100, fail: 'closed' });
  return new Throttler(ledger, systemClock, {}, silentLog);
}
