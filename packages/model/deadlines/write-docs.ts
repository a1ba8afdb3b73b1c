import { readFileSync, writeFileSync } from 'node:fs';
import { timeoutsDocument } from './docs.ts';

const page = new URL('../../../docs/timeouts.md', import.meta.url);
writeFileSync(page, timeoutsDocument(readFileSync(page, 'utf8')));
