import { homedir, tmpdir } from 'node:os';
import { soundsSecret } from './mask.ts';

/** Where placeholders find their values. Each answers undefined when it has none. */
export interface PlaceholderSources {
  environment(name: string): string | undefined;
  /** Another key of the settings, as it is in force; `secret` when it must not be shown. */
  reference(key: string): Found | undefined;
  /** An alias of `[secrets]`. */
  vault(alias: string): { readonly value: string } | { readonly sealed: true } | undefined;
  readonly home: string;
}

/** A text with its placeholders filled in, or what stood in the way. */
export type Expanded =
  | {
      readonly ok: true;
      readonly text: string;
      /** Variable that gave the whole text, when one placeholder `$env{…}` is all there is. */
      readonly variable?: string;
      /** `${…}` placeholders that nobody knows; they stay as they are. */
      readonly unknown: readonly string[];
      /** True when a secret went into the text. */
      readonly secret: boolean;
    }
  | { readonly ok: false; readonly problem: string; readonly remedy: string };

const pattern = /\$(env|sys|ref|secret)?\{([^{}]*)\}/g;

/** Whether there is anything to fill in. */
export function hasPlaceholder(text: string): boolean {
  return text.includes('$') && /\$(?:env|sys|ref|secret)?\{[^{}]*\}/.test(text);
}

/**
 * Fills in what WSO2 fills in: `$env{NAME}`, `$sys{property}`, `$ref{other.key}`, `$secret{alias}` when the file is read,
 * and the well-known `${…}` names (`${carbon.host}`, `${https.nio.port}`, `${admin.username}` …) that Carbon replaces later.
 */
export function expand(text: string, sources: PlaceholderSources): Expanded {
  const whole = /^\$env\{([^{}]*)\}$/.exec(text)?.[1];
  const unknown: string[] = [];
  let trouble: { problem: string; remedy: string } | undefined;
  let secret = false;
  const filled = text.replace(pattern, (placeholder: string, kind: string | undefined, name: string) => {
    const found = lookUp(kind, name, sources);
    if (found === undefined) unknown.push(placeholder);
    else if ('problem' in found) trouble ??= found;
    else {
      secret ||= found.secret;
      return found.text;
    }
    return placeholder;
  });
  if (trouble !== undefined) return { ok: false, ...trouble };
  return { ok: true, text: filled, unknown, secret, ...(whole === undefined ? {} : { variable: whole }) };
}

/** What a placeholder stands for, or why it stands for nothing. */
export type Found =
  | { readonly text: string; readonly secret: boolean }
  | { readonly problem: string; readonly remedy: string };

function lookUp(kind: string | undefined, name: string, sources: PlaceholderSources): Found | undefined {
  switch (kind) {
    case 'env': {
      const text = sources.environment(name);
      if (text !== undefined) return { text, secret: soundsSecret(name) };
      return {
        problem: `needs the environment variable ${name}, which is not set`,
        remedy: `set ${name} for the process, or write the value itself`,
      };
    }
    case 'sys': {
      const text = systemProperty(name, sources.home);
      if (text !== undefined) return { text, secret: false };
      return {
        problem: `needs the JVM system property ${name}, which does not exist here`,
        remedy: 'use $env{NAME} and an environment variable',
      };
    }
    case 'ref':
      return (
        sources.reference(name) ?? {
          problem: `refers to ${name}, which has no value`,
          remedy: 'set that key, or write the value itself',
        }
      );
    case 'secret':
      return secretOf(name, sources);
    default:
      return carbonName(name, sources);
  }
}

function secretOf(alias: string, sources: PlaceholderSources): Found {
  const found = sources.vault(alias);
  if (found === undefined) {
    return {
      problem: `needs the secret ${alias}, which [secrets] does not have`,
      remedy: `add ${alias} = "[value]" to [secrets]`,
    };
  }
  if ('value' in found) return { text: found.value, secret: true };
  return {
    problem: `needs the secret ${alias}, which was sealed by the cipher tool of WSO2`,
    remedy: `only the keystore of that installation opens it: use $env{NAME}, or write ${alias} = "[value]" in [secrets]`,
  };
}

function systemProperty(name: string, home: string): string | undefined {
  switch (name) {
    case 'carbon.home':
    case 'carbon.config.dir.path':
      return home;
    case 'user.home':
      return homedir();
    case 'user.dir':
      return process.cwd();
    case 'java.io.tmpdir':
      return tmpdir();
    default:
      return undefined;
  }
}

const ports: Readonly<Record<string, string>> = {
  'http.nio.port': 'transport.http.listener.port',
  'https.nio.port': 'transport.http.listener.secured_port',
  'mgt.transport.http.port': 'transport.http.properties.port',
  'mgt.transport.https.port': 'transport.https.properties.port',
  'carbon.management.port': 'transport.https.properties.port',
};
const keys: Readonly<Record<string, string>> = {
  'carbon.host': 'server.hostname',
  'carbon.local.ip': 'server.hostname',
  'carbon.hostname': 'server.hostname',
  'admin.username': 'super_admin.username',
  'admin.password': 'super_admin.password',
};

function carbonName(name: string, sources: PlaceholderSources): Found | undefined {
  const port = ports[name];
  if (port !== undefined) {
    const base = sources.reference(port);
    const offset = sources.reference('server.offset');
    if (base === undefined || offset === undefined || 'problem' in base) return base;
    return 'problem' in offset ? offset : { text: String(Number(base.text) + Number(offset.text)), secret: false };
  }
  const key = keys[name];
  if (key !== undefined) return sources.reference(key);
  if (name === 'carbon.protocol') return { text: 'https', secret: false };
  if (name === 'carbon.context') return { text: '/', secret: false };
  if (name === 'carbon.home') return { text: sources.home, secret: false };
  return undefined;
}
