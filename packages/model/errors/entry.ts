/** One row of the error catalogue. Every 4xx and 5xx that Sluice itself makes is one of these. */
export interface ErrorEntry {
  /** Stable name, kebab-case; also the anchor in `docs/errors.md` and the value of `Sluice-Cause`. */
  readonly key: string;
  /** WSO2's code; where WSO2 has none, the HTTP status. */
  readonly code: number;
  readonly status: number;
  /** Short and fixed. */
  readonly message: string;
  /** Template; `{name}` is replaced by the argument of that name. */
  readonly description: string;
  /** Which surface makes it. */
  readonly surface: 'gateway' | 'rest' | 'oauth' | 'both';
  /** Key of the setting that governs it, where there is one. */
  readonly setting?: string;
  /** What the reader can do about it. */
  readonly remedy: string;
  /** Value of the body's `type` member, where the gateway's body has one (WSO2's fault and block sequences). */
  readonly type?: string;
  /** True where WSO2's body has no `message` member (its block sequence). */
  readonly withoutMessage?: boolean;
  /** Ordinals of the protocol states in which it happens, where one of them is added to `code` (wso2-gateway.md 2.4). */
  readonly phases?: readonly number[];
}

/** Arguments of a description template. */
export type ErrorArguments = Readonly<Record<string, string | number>>;

/** Fills the template; an argument that is missing stays visible as `{name}`. */
export function describeError(entry: ErrorEntry, args: ErrorArguments = {}): string {
  return entry.description.replace(/\{(\w+)\}/g, (whole, name: string) => (name in args ? String(args[name]) : whole));
}

/** An error of the catalogue, thrown. `details` are the single findings of a list (validation errors). */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly entry: ErrorEntry;
  readonly description: string;
  readonly details: readonly { readonly code: number; readonly message: string }[];

  constructor(
    entry: ErrorEntry,
    args?: ErrorArguments,
    options?: { cause?: unknown; details?: readonly { code: number; message: string }[] },
  ) {
    const description = describeError(entry, args);
    super(`${entry.message}: ${description}`, options?.cause === undefined ? undefined : { cause: options.cause });
    this.entry = entry;
    this.description = description;
    this.details = options?.details ?? [];
  }
}
