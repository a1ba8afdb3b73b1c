import { setTimeout as delay } from 'node:timers/promises';
import { punctual } from '../../packages/gateway/transport/testing/punctual.ts';
import type { Wire } from '../../packages/gateway/transport/testing/wire.ts';
import type { Actor } from './actors.ts';
import type { Step } from './step.ts';

/** The last step comes true within 50 ms after `millis` from when the steps before it, which begin what is bounded, are done; and not before. */
export function after(millis: number, ...steps: readonly Step[]): Step {
  const last = steps[steps.length - 1] as Step;
  return {
    text: `after ${millis} ms: ${steps.map(({ text }) => text).join(', ')}`,
    connections: steps.flatMap(({ connections }) => connections),
    run: (world) =>
      punctual(
        millis,
        () => last.run(world),
        async () => {
          for (const step of steps.slice(0, -1)) await step.run(world);
        },
      ),
  };
}

/**
 * `victim` is cut off because what `flooder` sends is not taken any more: within 50 ms after `millis` from when the flood came to a stop, and not before.
 */
export function stalls(millis: number, flooder: Actor, victim: Step): Step {
  return {
    text: `${victim.text} ${millis} ms after the flood of ${flooder.name} has stopped`,
    connections: victim.connections,
    run: (world) =>
      punctual(
        millis,
        () => victim.run(world),
        async () => untilStill(await flooder.open(world)),
        // The side that stopped reading did so in the middle of the flood, which goes on for as long as the buffers between have room.
        millis / 3,
      ),
  };
}

/** Resolves when nothing was taken from the socket for some milliseconds. */
export async function untilStill({ socket }: Wire): Promise<void> {
  for (let still = 0, last = -1; still < 5 && !socket.destroyed; ) {
    await delay(2);
    const taken = socket.bytesWritten - socket.writableLength;
    still = taken === last ? still + 1 : 0;
    last = taken;
  }
}

/** Time goes by, in which nothing happens here. */
export function passes(millis: number): Step {
  return { text: `${millis} ms pass`, connections: [], run: () => delay(millis) };
}
