import { isSuiteOf13, suitesNamed, versionsNamed } from '@sluice/config';
import type { TlsVersions } from '@sluice/gateway';
import { UsageError } from '../command.ts';

/**
 * Versions and cipher suites by the names in settings, which were looked at when they were read, or in a profile at `place`. A list of suites is
 * the whole list: a version that none of them is of is not spoken. Throws `UsageError`.
 */
export function spoken(versions: readonly string[], ciphers: readonly string[], place?: string): TlsVersions {
  const named = versionsNamed(versions);
  const { suites, unknown } = suitesNamed(ciphers);
  const strange = [...named.unknown, ...unknown];
  if (place !== undefined && strange.length > 0) {
    throw new UsageError(
      `${place}: ${strange.join(', ')} ${strange.length > 1 ? 'are' : 'is'} not known; correct or remove the name`,
    );
  }
  const asked = named.spoken.length > 0 ? named.spoken : (['TLSv1.2', 'TLSv1.3'] as const);
  const protocols =
    suites.length === 0
      ? asked
      : asked.filter((version) => suites.some((suite) => isSuiteOf13(suite) === (version === 'TLSv1.3')));
  return { protocols, ...(suites.length > 0 ? { ciphers: suites } : {}) };
}
