import type { Fields } from './fields.ts';

/** A few names of header fields, prepared so that most lines of a head are dismissed by the length of their name. */
export class FieldNames {
  /** Of none. */
  static readonly none: FieldNames = new FieldNames([]);
  readonly #names: readonly string[];
  /** A bit for each length that a name has; lengths that differ by 32 share one. */
  readonly #lengths: number;

  /** The names in lower case: any other fits no line. */
  constructor(names: Iterable<string>) {
    this.#names = [...new Set(names)];
    this.#lengths = this.#names.reduce((bits, { length }) => bits | (1 << (length & 31)), 0);
  }

  /** These and others, lower-case. */
  with(names: Iterable<string>): FieldNames {
    return new FieldNames([...this.#names, ...names]);
  }

  /** Whether `name`, in lower case, is one of them. */
  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** Whether the line of that head has one of the names, in whatever case. */
  haveLine(fields: Fields, line: number): boolean {
    const length = fields.nameLength(line);
    if ((this.#lengths & (1 << (length & 31))) === 0) return false;
    const names = this.#names;
    for (let index = 0; index < names.length; index++) if (fields.isNamed(line, names[index] as string)) return true;
    return false;
  }
}
