/** Where an effective value came from; every setting and limit that Sluice applies carries one. */
export type Origin =
  | { readonly kind: 'default' }
  /** `variable` is the environment variable that the line took its value from. */
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly variable?: string }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'argument'; readonly name: string }
  | { readonly kind: 'api'; readonly api: string; readonly path: string };

/** The origin as people read it: `deployment.toml:42`, `environment SLUICE_HOME`, `--offset`, `API orders/1.0.0 prod[1]`, `default`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `${origin.file}:${origin.line}${origin.variable === undefined ? '' : ` (environment ${origin.variable})`}`;
    case 'environment':
      return `environment ${origin.variable}`;
    case 'argument':
      return origin.name;
    case 'api':
      return `API ${origin.api} ${origin.path}`;
  }
}
