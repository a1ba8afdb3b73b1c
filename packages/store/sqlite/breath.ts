/** How long statements may follow each other before timers and sockets get their turn. Milliseconds. */
const longestMillis = 10;

let since = 0;
let turn: Promise<void> | undefined;

/**
 * What to wait for before the next statement, if anything. SQLite answers at once, so a loop of awaited statements never
 * leaves the microtask queue, and nothing else in the program would run until it ends. State is the thread's, as its event loop is.
 */
export function breath(): Promise<void> | undefined {
  if (turn !== undefined) return performance.now() - since > longestMillis ? turn : undefined;
  since = performance.now();
  turn = new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return undefined;
}
