import { type FetchProxy, fetchDocument, isPublicAddress } from '../fetch/index.ts';

/** What imports by URL may do. */
export interface ImportRules {
  readonly allowPrivateImport: boolean;
  readonly importProxy: FetchProxy | undefined;
  /** Milliseconds, and bytes of a document. */
  readonly importDeadline: number;
  readonly definitionBytes: number;
}

/** Gets documents that users name by URL, as text. Throws the errors of fetching. */
export function textFetcher(rules: ImportRules): (url: string) => Promise<string> {
  const { allowPrivateImport, importProxy, importDeadline, definitionBytes } = rules;
  return async (url) => {
    const { bytes } = await fetchDocument(url, {
      permits: allowPrivateImport ? () => true : isPublicAddress,
      limits: { bytes: definitionBytes, deadline: importDeadline },
      ...(importProxy ? { proxy: importProxy } : {}),
    });
    return new TextDecoder().decode(bytes);
  };
}
