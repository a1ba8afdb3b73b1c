/** Where a process is, by its inspector: it stops JavaScript that never returns to its event loop. Undefined when it is not in JavaScript. */
export async function stackOf(inspector: string, millis: number): Promise<string | undefined> {
  const socket = new WebSocket(inspector);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => resolve(undefined), millis);
  socket.onerror = () => resolve(undefined);
  socket.onopen = () => {
    for (const [index, method] of ['Debugger.enable', 'Debugger.pause'].entries())
      socket.send(JSON.stringify({ id: index + 1, method }));
  };
  socket.onmessage = ({ data }) => {
    const { method, params } = JSON.parse(String(data)) as { method?: string; params?: { callFrames: Frame[] } };
    if (method === 'Debugger.paused' && params) resolve(params.callFrames.map(lineOf).join('\n'));
  };
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

/** `CallFrame` of the inspector's protocol; lines and columns count from 0. */
interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly lineNumber: number; readonly columnNumber: number };
}

function lineOf({ functionName, url, location: { lineNumber, columnNumber } }: Frame): string {
  return `at ${functionName || '<anonymous>'} (${url}:${lineNumber + 1}:${columnNumber + 1})`;
}
