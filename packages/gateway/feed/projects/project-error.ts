/** Why a project cannot be served, with the place to mend. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
  /** Path of the file, inside the archive behind a `!`. */
  readonly file: string;
  /** First line is 1; undefined where no line is to blame. */
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, reason: string, options?: ErrorOptions) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${reason}`, options);
    this.file = file;
    this.line = line;
  }
}
