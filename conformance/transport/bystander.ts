import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { answering, ok, startBackend } from '../../packages/gateway/transport/testing/backend.ts';
import { readAnswer } from '../../packages/gateway/transport/testing/message.ts';
import { type GatewayStage, here } from './stage.ts';
import type { World } from './world.ts';

/** A connection beside a case: nothing that the case does may disturb it. */
export interface Bystander {
  /** One call after the other on the one connection until `step` is over; each must be answered with its own body. */
  during(step: Promise<unknown>): Promise<void>;
}

/** Milliseconds between two calls of a bystander. */
const pace = 50;

/** Milliseconds in which a bystander's call must be over, whatever hangs beside it. */
const patience = 2000;

export async function startBystander(world: World, stage: GatewayStage): Promise<Bystander> {
  const backend = await startBackend(
    world,
    answering(({ start, body }) => ok(`${start.split(' ')[1]} ${body}`)),
  );
  const basePath = stage.reserve();
  await stage.deploy(basePath, `http://127.0.0.1:${backend.route.port}`);
  world.after(() => stage.undeploy(basePath));
  const wire = await stage.connect(world);
  let count = 0;
  const call = async () => {
    const body = `bystander ${++count}`;
    const began = performance.now();
    wire.send(`PUT ${basePath}/${count} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const answer = await readAnswer(wire);
    assert.equal(`${answer.status} ${answer.body}`, `200 ${here}/${count} ${body}`, 'a bystander was disturbed');
    assert.ok(performance.now() - began < patience, 'a bystander was held up');
  };
  return {
    async during(step) {
      let over = false;
      const end = () => {
        over = true;
      };
      const ended = step.then(end, end);
      do {
        await call();
        await Promise.race([ended, delay(pace, null, { ref: false })]);
      } while (!over);
    },
  };
}
