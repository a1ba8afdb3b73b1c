import assert from 'node:assert/strict';
import { answering, ok, startBackend } from '../../packages/gateway/transport/testing/backend.ts';
import { readAnswer } from '../../packages/gateway/transport/testing/message.ts';
import { type GatewayStage, here } from './stage.ts';
import type { World } from './world.ts';

/** A connection beside a case: nothing that the case does may disturb it. */
export interface Bystander {
  /** One call on the one connection, which must be answered with its own body. */
  call(): Promise<void>;
}

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
  return {
    async call() {
      const body = `bystander ${++count}`;
      const began = performance.now();
      wire.send(`PUT ${basePath}/${count} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      const answer = await readAnswer(wire);
      assert.equal(`${answer.status} ${answer.body}`, `200 ${here}/${count} ${body}`, 'a bystander was disturbed');
      assert.ok(performance.now() - began < patience, 'a bystander was held up');
    },
  };
}
