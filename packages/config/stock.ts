import type { Finding } from './report.ts';
import type { Given } from './resolve.ts';

/** The keystores that every WSO2 download carries. Their private key is public, so they protect nothing. */
const stores = [
  { section: 'keystore.tls', file: 'wso2carbon.jks', instead: 'Sluice makes a certificate of its own' },
  { section: 'truststore', file: 'client-truststore.jks', instead: 'Sluice trusts the authorities of the system' },
] as const;

/**
 * Leaves out what a `deployment.toml` fresh from a WSO2 download says about its own keystores, so that such a file starts Sluice;
 * a keystore of somebody's own in Java's format stays in and is refused with the way to convert it.
 */
export function leaveOutStock(given: readonly Given[]): {
  readonly kept: readonly Given[];
  readonly findings: Finding[];
} {
  const findings: Finding[] = [];
  let kept = given;
  for (const { section, file, instead } of stores) {
    const stock = kept.find((one) => one.resolved.place === `${section}.file_name` && one.raw === file);
    if (stock === undefined) continue;
    kept = kept.filter((one) => !one.resolved.place.startsWith(`${section}.`));
    findings.push({
      severity: 'warning',
      key: stock.written,
      value: JSON.stringify(file),
      origin: stock.origin,
      problem: `is the keystore that comes with every WSO2 download and is left out; ${instead}`,
      remedy: `remove [${section}], or name a PEM or PKCS#12 file of your own`,
      nearest: [],
    });
  }
  return { kept, findings };
}
