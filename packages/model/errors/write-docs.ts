import { mkdirSync, writeFileSync } from 'node:fs';
import { errorsDocument } from './docs.ts';

const page = new URL('../../../docs/errors.md', import.meta.url);
mkdirSync(new URL('.', page), { recursive: true });
writeFileSync(page, errorsDocument());
