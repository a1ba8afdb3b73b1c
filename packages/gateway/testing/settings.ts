import { silentLog } from '@sluice/model';
import { Ledger, MachineAuthority, systemClock } from '@sluice/throttle';
import { backendSecuritySettings } from '../backend-security/settings.ts';
import { compileHeaders, defaultHeaderRules } from '../chain/request-headers.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { groupSettings } from '../endpoints/group-settings.ts';
import { LeafRecords } from '../endpoints/leaf-records.ts';
import { Throttler } from '../throttling/throttler.ts';
import { Backends } from '../transport/backend-pool.ts';
import { defaultLimits, defaultPool, defaultTimeouts } from '../transport/options.ts';

/** What pictures are compiled with where the settings do not matter. */
export const bareSettings: CompileSettings = {
  cors: null,
  corsExposeHeaders: [],
  keepAuthorization: false,
  backendTls: { verify: 'default' },
  backendSecurity: backendSecuritySettings(
    {},
    { backends: new Backends(defaultLimits, defaultTimeouts, defaultPool), tls: { verify: 'default' }, log: silentLog },
  ),
  headers: compileHeaders(defaultHeaderRules),
  leaves: new LeafRecords(silentLog),
  groups: groupSettings({}, { keepsBody: 0 }),
  throttling: {},
};

/** Applies limits with an authority of its own. */
export function bareThrottler(): Throttler {
  const authority = new MachineAuthority({ clock: systemClock }).connect('test');
  const ledger = new Ledger({ authority, clock: systemClock, patience: 100, fail: 'closed' });
  return new Throttler(ledger, systemClock, {}, silentLog);
}
