import type { Finding } from './report.ts';
import type { Given } from './resolve.ts';

/** The keystores that every WSO2 download carries. Their private key is public, so they protect nothing. */
const stores = [
  { section: 'keystore.tls', file: 'wso2carbon.jks', instead: 'Sluice makes a certificate of its own' },
  { section: 'truststore', file: 'client-truststore.jks', instead: 'Sluice trusts the authorities of the system' },
] as const;

/**
 * Leaves out what a `deployment.toml` fresh from a WSO2 download says about its own keystores, so that such a file starts Sluice;
 * a keystore of somebody's own in Java's format is refused with the way to convert it.
 */
export function setJavaKeystoresAside(given: readonly Given[]): {
  readonly kept: readonly Given[];
  readonly findings: Finding[];
} {
  const findings: Finding[] = [];
  let kept = given;
  for (const { section, file, instead } of stores) {
    const named = kept.find((one) => one.resolved.place === `${section}.file_name`);
    if (named === undefined || typeof named.raw !== 'string') continue;
    const about = { key: named.written, value: JSON.stringify(named.raw), origin: named.origin, nearest: [] };
    if (named.raw === file) {
      kept = kept.filter((one) => !one.resolved.place.startsWith(`${section}.`));
      findings.push({
        ...about,
        severity: 'warning',
        problem: `is the keystore that comes with every WSO2 download and is left out; ${instead}`,
        remedy: `remove [${section}], or name a PEM or PKCS#12 file of your own`,
      });
    } else if (isUntypedJava(named.raw, section, kept)) {
      findings.push({
        ...about,
        severity: 'error',
        problem: 'is a Java keystore, which is not read',
        expected: 'a PEM or PKCS#12 file',
        remedy: `convert it once: keytool -importkeystore -srckeystore ${named.raw} -destkeystore ${named.raw}.p12 -deststoretype PKCS12; then name the new file`,
      });
    }
  }
  return { kept, findings };
}

/** Where a type is given too, it is the type that is refused. */
function isUntypedJava(file: string, section: string, given: readonly Given[]): boolean {
  return /\.(?:jks|jceks|bcfks)$/i.test(file) && !given.some((one) => one.resolved.place === `${section}.type`);
}
