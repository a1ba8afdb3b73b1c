/** A pattern that is not read, and why. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}
