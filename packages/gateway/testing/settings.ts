import { compileHeaders, defaultHeaderRules } from '../chain/request-headers.ts';
import type { CompileSettings } from '../chain/settings.ts';

/** What pictures are compiled with where the settings do not matter. */
export const bareSettings: CompileSettings = {
  cors: null,
  corsExposeHeaders: [],
  keepAuthorization: false,
  backendTls: { verify: 'default' },
  headers: compileHeaders(defaultHeaderRules),
};
