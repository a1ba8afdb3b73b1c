/** What writes at the end of the turn. */
interface Waiting {
  flush(): void;
}

/**
 * Small writes of the sockets that have something to say in one turn of the event loop go out together. A write wakes the process at
 * its other end; one that finds the next bytes only after the work for another call has gone to sleep by then, and is woken
 * anew. Between processes of one machine that made one and a half wakings a call, and a sixth of its cost.
 */
const waiting: (Waiting | null)[] = [];
let count = 0;

/** Reads that were handled since the first of them began to wait. */
let reads = 0;

/** After so many reads none waits for more of them. Beside them only what else the turn brings comes first: new connections, timers, messages. */
const mostReads = 64;

/** `socket` has something to write, and had nothing before. */
export function writeAtEndOfTurn(socket: Waiting): void {
  waiting[count++] = socket;
}

/** A read has been handled. */
export function readHandled(): void {
  if (count > 0 && ++reads >= mostReads) writeAll();
}

/**
 * Always there, and first in its row, since each is followed by the next before any other gets its turn: long work that goes on piece by piece
 * at the end of turns, as that on new configuration does, comes after what waits. It keeps no process alive.
 */
function awaitEndOfTurn(): void {
  setImmediate(endOfTurn).unref();
}

function endOfTurn(): void {
  awaitEndOfTurn();
  if (count > 0) writeAll();
}

function writeAll(): void {
  // Not `length = 0`, which is a call into the runtime.
  for (let index = 0; index < count; index++) {
    waiting[index]?.flush();
    waiting[index] = null;
  }
  count = 0;
  reads = 0;
}

awaitEndOfTurn();
// Who ends the process in the middle of a turn, as a defect does, takes no answer along that was given before.
process.on('exit', writeAll);
