// Writes docs/settings.md from the table of settings.
import { writeFileSync } from 'node:fs';
import { settingsDocument } from './docs.ts';

writeFileSync(new URL('../../docs/settings.md', import.meta.url), settingsDocument());
