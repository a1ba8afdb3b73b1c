import { errors, SluiceError } from '@sluice/model';
import type { ApiQueryTerm } from '@sluice/store';

/** Longer queries, or ones of more terms, are refused. */
const longestQuery = 2048;
const mostTerms = 20;

/** Where a word without a key is looked for. */
export type BareWord = 'name' | 'any';

/** WSO2's keys and the fields they stand for; any other key names a property of the API (`wso2-control-plane.md` 2.11). */
const fields: Readonly<Record<string, ApiQueryTerm['field']>> = {
  name: 'name',
  version: 'version',
  context: 'context',
  provider: 'provider',
  tag: 'tag',
  tags: 'tag',
  description: 'description',
  status: 'status',
  lcstate: 'status',
  type: 'type',
  'api-category': 'category',
  content: 'any',
};

/** Fields whose values are words of a fixed list: they match as a whole. */
const wholeFields = new Set<ApiQueryTerm['field']>(['status', 'type', 'category']);

/**
 * Reads `query=`: `key:value` terms and plain words, parted by blanks and joined by AND. A value in quotes matches as a whole, `*` stands for
 * anything at an end, a last `$` pins the end; otherwise a value is looked for anywhere. Throws `searchQueryInvalid`.
 */
export function readSearchQuery(text: string, bareWord: BareWord): ApiQueryTerm[] {
  if (text.length > longestQuery) throw invalid(`it is longer than ${longestQuery} characters`);
  const terms: ApiQueryTerm[] = [];
  for (const word of words(text)) {
    const term = readTerm(word, bareWord);
    if (term) terms.push(term);
  }
  if (terms.length > mostTerms) throw invalid(`it has more than ${mostTerms} terms`);
  return terms;
}

/** Splits at blanks that stand outside of quotes. */
function words(text: string): string[] {
  const found: string[] = [];
  let word = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (/\s/.test(character) && !quoted) {
      if (word !== '') found.push(word);
      word = '';
    } else {
      word += character;
    }
  }
  if (quoted) throw invalid('a quote is not closed');
  if (word !== '') found.push(word);
  return found;
}

function readTerm(word: string, bareWord: BareWord): ApiQueryTerm | undefined {
  const colon = word.startsWith('"') ? -1 : word.indexOf(':');
  if (colon <= 0) return matched({ field: bareWord }, word);
  const key = word.slice(0, colon);
  const field = fields[key.toLowerCase()];
  const value = word.slice(colon + 1);
  if (field === undefined) return matched({ field: 'property', property: key.replace(/^api_meta\./i, '') }, value);
  // `type:API` asks for APIs among other things; here there is nothing else.
  if (field === 'type' && /^"?api"?$/i.test(value)) return undefined;
  return matched({ field }, value);
}

function matched(target: Pick<ApiQueryTerm, 'field' | 'property'>, written: string): ApiQueryTerm | undefined {
  if (written.startsWith('"')) {
    const value = written.replaceAll('"', '');
    return value === '' ? undefined : { ...target, match: 'equals', value };
  }
  const start = written.startsWith('*');
  const end = written.endsWith('*');
  const pinned = written.endsWith('$');
  const value = written.slice(start ? 1 : 0, end || pinned ? -1 : undefined);
  if (value === '') return undefined;
  if (wholeFields.has(target.field) && !start && !end) return { ...target, match: 'equals', value };
  if (pinned) return { ...target, match: 'suffix', value };
  if (start !== end) return { ...target, match: start ? 'suffix' : 'prefix', value };
  return { ...target, match: 'contains', value };
}

function invalid(detail: string): SluiceError {
  return new SluiceError(errors.searchQueryInvalid, { detail });
}
