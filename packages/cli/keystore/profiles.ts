import { readXml, type XmlElement, XmlError } from '@sluice/gateway';
import { UsageError } from '../command.ts';

/** A store as a profile names it. */
export interface ProfileStore {
  readonly location: string;
  readonly type?: string | undefined;
  readonly password?: string | undefined;
  readonly keyPassword?: string | undefined;
  readonly alias?: string | undefined;
}

/** One `<profile>` of WSO2's sender or listener profiles. */
export interface Profile {
  /** `FILE:LINE`, for whoever has to correct it. */
  readonly place: string;
  readonly keystore?: ProfileStore | undefined;
  readonly truststore?: ProfileStore | undefined;
  /** Of a sender: `host:port`, lower-case, or `*`. */
  readonly servers: readonly string[];
  readonly noValidation: boolean;
  /** Of a listener. */
  readonly bindAddress?: string | undefined;
  readonly verifyClient?: string | undefined;
  readonly protocols: readonly string[];
  readonly ciphers: readonly string[];
}

/** Longer than any real file. */
const mostCharacters = 1024 * 1024;

const members = new Set([
  'servers',
  'KeyStore',
  'TrustStore',
  'bindAddress',
  'SSLVerifyClient',
  'HttpsProtocols',
  'PreferredCiphers',
]);
const storeMembers = new Set(['Location', 'Type', 'Password', 'KeyPassword', 'KeyAlias', 'ServerCertificateAlias']);

/**
 * Reads `sslprofiles.xml` or `listenerprofiles.xml`: profiles, in order, inside `<parameter name="customSSLProfiles">` or `SSLProfiles`.
 * `$env{NAME}` in a text is an environment variable. Throws `UsageError` that names file, line and element.
 */
export function readProfiles(text: string, file: string, environment: NodeJS.ProcessEnv): Profile[] {
  if (text.length > mostCharacters) throw new UsageError(`${file} is longer than ${mostCharacters} characters`);
  let root: XmlElement;
  try {
    root = readXml(text);
  } catch (error) {
    if (error instanceof XmlError) throw new UsageError(`${file}:${error.line}: ${error.message}`, { cause: error });
    throw error;
  }
  return new Reader(file, environment).profiles(root);
}

class Reader {
  readonly #file: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(file: string, environment: NodeJS.ProcessEnv) {
    this.#file = file;
    this.#environment = environment;
  }

  profiles(root: XmlElement): Profile[] {
    const foreign = root.name === 'profile' ? undefined : root.children.find(({ name }) => name !== 'profile');
    if (foreign) this.#fail(foreign, `<${foreign.name}> is not known here; write <profile>`);
    return (root.name === 'profile' ? [root] : root.children).map((element) => this.#profile(element));
  }

  #profile(element: XmlElement): Profile {
    const foreign = element.children.find(({ name }) => !members.has(name));
    if (foreign)
      this.#fail(foreign, `<${foreign.name}> is not known in a profile; there are ${[...members].join(', ')}`);
    return {
      place: `${this.#file}:${element.line}`,
      keystore: this.#store(element, 'KeyStore'),
      truststore: this.#store(element, 'TrustStore'),
      servers: this.#servers(element),
      noValidation:
        this.#textIn(element, 'novalidatecert') === 'true' || element.attributes.get('novalidatecert') === 'true',
      bindAddress: this.#textIn(element, 'bindAddress'),
      verifyClient: this.#textIn(element, 'SSLVerifyClient'),
      protocols: listOf(this.#textIn(element, 'HttpsProtocols')),
      ciphers: listOf(this.#textIn(element, 'PreferredCiphers')),
    };
  }

  #store(profile: XmlElement, name: string): ProfileStore | undefined {
    const element = profile.children.find((child) => child.name === name);
    if (element === undefined) return undefined;
    const foreign = element.children.find((child) => !storeMembers.has(child.name));
    if (foreign)
      this.#fail(foreign, `<${foreign.name}> is not known in a <${name}>; there are ${[...storeMembers].join(', ')}`);
    const location = this.#textIn(element, 'Location');
    if (location === undefined) this.#fail(element, `<${name}> names no <Location>`);
    return {
      location,
      type: this.#textIn(element, 'Type'),
      password: this.#textIn(element, 'Password'),
      keyPassword: this.#textIn(element, 'KeyPassword'),
      alias: this.#textIn(element, 'ServerCertificateAlias') ?? this.#textIn(element, 'KeyAlias'),
    };
  }

  #servers(profile: XmlElement): string[] {
    const servers = listOf(this.#textIn(profile, 'servers')).map((server) => server.toLowerCase());
    const wrong = servers.find((server) => !/^(?:\*|[^\s:]+:\d{1,5}|\[[0-9a-f:.]+\]:\d{1,5})$/.test(server));
    if (wrong !== undefined) this.#fail(profile, `"${wrong}" in <servers> is neither host:port nor *`);
    return servers;
  }

  #textIn(parent: XmlElement, name: string): string | undefined {
    const element = parent.children.find((child) => child.name === name);
    if (element === undefined) return undefined;
    if (element.attributes.has('secretAlias')) {
      this.#fail(
        element,
        `<${name}> is in the secure vault, which is not read; write $env{NAME} and set that variable`,
      );
    }
    const text = element.text.trim().replace(/\$env\{([^}]*)\}/g, (_, variable: string) => {
      const value = this.#environment[variable];
      if (value === undefined)
        this.#fail(element, `<${name}> refers to the environment variable ${variable}, which is not set`);
      return value;
    });
    return text === '' ? undefined : text;
  }

  #fail(element: XmlElement, reason: string): never {
    throw new UsageError(`${this.#file}:${element.line}: ${reason}`);
  }
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}
