/**
 * Lines of a text stream, without their ends. What stands after the last line end is given too, unless it is empty.
 * Throws a RangeError when a line is longer than `longest` characters.
 */
export async function* lines(chunks: AsyncIterable<string>, longest: number): AsyncGenerator<string> {
  /** Pieces of the line that has not ended yet; joined once, so that a long line in small chunks costs its length. */
  let pieces: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      pieces.push(chunk.slice(from, end));
      yield pieces.length === 1 ? (pieces[0] as string) : pieces.join('');
      pieces = [];
      length = 0;
      from = end + 1;
    }
    if (from < chunk.length) pieces.push(chunk.slice(from));
    length += chunk.length - from;
    if (length > longest) throw new RangeError(`a line is longer than ${longest} characters`);
  }
  if (length > 0) yield pieces.join('');
}
