import { choice, type More, type Rows, secret, text } from '../setting.ts';

const convert =
  'Java keystores are not read. Convert it once: keytool -importkeystore -srckeystore {file_name} -destkeystore {file_name}.p12 -deststoretype PKCS12; then name the new file and write type = "PKCS12"';

const formats = {
  synonyms: { P12: 'PKCS12', PFX: 'PKCS12' },
  refused: { JKS: convert, JCEKS: convert, BCFKS: convert },
};

type Under<S extends string, R> = { readonly [K in keyof R & string as `${S}.${K}`]: R[K] };

/** Settings of a file with a certificate and its key, below `section`. `others` are further names of the section, in which WSO2 calls the file `location`. */
export function keystoreAt<const S extends string>(
  section: S,
  what: string,
  otherwise: string,
  others: readonly string[],
  formerly: readonly string[],
) {
  const more = moreOf(others, formerly);
  return under(section, {
    ...fileRows(what, otherwise, section, others, formerly),
    key_file: text(undefined, 'PEM file of the private key.', {
      ...more('key_file'),
      defaultNote: 'the key is looked for in `file_name`',
    }),
    key_password: secret(
      undefined,
      'Password of the private key where it is not that of the file.',
      more('key_password', 'KeyPassword'),
    ),
    alias: text(undefined, 'Name of the entry, where a PKCS#12 file has several with a key.', {
      ...more('alias', 'KeyAlias'),
      defaultNote: 'the first entry',
    }),
  });
}

/** Settings of a file with certificates to trust, below `section`. */
export function truststoreAt<const S extends string>(
  section: S,
  what: string,
  otherwise: string,
  others: readonly string[],
  formerly: readonly string[],
) {
  return under(section, fileRows(what, otherwise, section, others, formerly));
}

function fileRows(
  what: string,
  otherwise: string,
  section: string,
  others: readonly string[],
  formerly: readonly string[],
) {
  const more = moreOf(others, formerly);
  return {
    file_name: text(undefined, what, {
      ...more('file_name', 'Location'),
      aliases: [
        ...(others.length > 0 ? [`${section}.location`] : []),
        ...others.flatMap((one) => [`${one}.file_name`, `${one}.location`]),
      ],
      defaultNote: otherwise,
    }),
    type: choice(['PEM', 'PKCS12'], undefined, 'Format of that file.', {
      ...more('type', 'Type'),
      ...formats,
      defaultNote: 'what the file is',
    }),
    password: secret(
      undefined,
      'Password of the PKCS#12 file, or of an encrypted PEM key.',
      more('password', 'Password'),
    ),
  };
}

function moreOf(others: readonly string[], formerly: readonly string[]): (name: string, element?: string) => More {
  return (name, element) => ({
    aliases: others.map((one) => `${one}.${name}`),
    formerly: element === undefined ? [] : formerly.map((one) => `${one}/${element}`),
  });
}

function under<const S extends string, R extends Rows>(section: S, rows: R): Under<S, R> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [`${section}.${name}`, row])) as unknown as Under<
    S,
    R
  >;
}
