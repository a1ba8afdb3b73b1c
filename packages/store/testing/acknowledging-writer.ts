import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openStore } from '../index.ts';

/** Writes without end and prints what was acknowledged, until it is killed. Arguments: the file, and a prefix for its names. */
const [file = '', prefix = ''] = process.argv.slice(2);
const store = await openStore({ engine: 'sqlite', file });
const acknowledge = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const values = async (): Promise<void> => {
  for (let count = 0; ; count++) {
    const name = `${prefix}-value-${count}`;
    await store.system.values.set(name, 'x'.repeat(count % 3000));
    acknowledge(name);
  }
};

/** Two rows that hold together: a value and the event that tells of it. A pause leaves the transaction open for the kill to meet. */
const pairs = async (kind: string, pauseMillis: number): Promise<void> => {
  for (let count = 0; ; count++) {
    const name = `${prefix}-${kind}-${count}`;
    await store.transaction(async (tx) => {
      await tx.system.values.set(name, count);
      if (pauseMillis > 0) await delay(pauseMillis);
      await tx.organization('carbon.super').feed.append({ environment: null, kind: 'plan', id: name, value: null });
    });
    acknowledge(name);
  }
};

await Promise.all([values(), pairs('pair', 0), pairs('slow', 1)]);
