/** Calls back with each decoded value of the named parameter until one is taken; whether one was. `query` begins with its `?`, or is empty. */
export function someParameter(query: string, name: string, take: (value: string) => boolean): boolean {
  for (let begin = 1; begin < query.length; ) {
    const next = query.indexOf('&', begin);
    const end = next === -1 ? query.length : next;
    const mark = query.indexOf('=', begin);
    const nameEnd = mark === -1 || mark > end ? end : mark;
    if (nameEnd > begin && decode(query.slice(begin, nameEnd)) === name) {
      if (take(nameEnd === end ? '' : decode(query.slice(nameEnd + 1, end)))) return true;
    }
    begin = end + 1;
  }
  return false;
}

/** As a form writes it; what is no percent-encoding stands for itself. */
function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
