/** Says whether a host name fits. */
export type HostPattern = (host: string) => boolean;

/** What only regular expressions hold: a `.*` that is not the end of the text, or another of their signs. */
const regular = /\.\*(?!$)|[\\^$()[\]{}+?|]/;

/**
 * Compiles what a setting gives for hosts. WSO2 and Java know two notations, both of which are in use: names with `*` for
 * anything (`*.example.com`, `10.*`), and regular expressions (`.*\.example\.com`). The whole name must fit, in any case of letters.
 * Throws a SyntaxError for a broken expression.
 */
export function hostPattern(text: string): HostPattern {
  const source = text.trim();
  if (source === '*' || source === '.*') return () => true;
  // An address in brackets is no class of characters.
  const bare = /^\[[\da-f:.*]+\]$/i.test(source) ? source.slice(1, -1) : source;
  const pattern = regular.test(bare) ? bare : bare.split('*').map(escaped).join('.*');
  const expression = new RegExp(`^(?:${pattern})$`, 'i');
  return (host) => expression.test(host);
}

function escaped(text: string): string {
  return text.replace(/[.]/g, '\\$&');
}
