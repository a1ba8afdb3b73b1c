import { errors, SluiceError } from '@sluice/model';

/** Hashes and proves passwords with argon2id, a bounded number at a time. */
export interface PasswordHasher {
  /** A PHC string. */
  hash(password: string): Promise<string>;
  /** An unknown user (`undefined`) costs as much as a known one, so that time does not tell who exists. */
  verify(hash: string | undefined, password: string): Promise<boolean>;
}

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; 12 to 13 ms on the machines this was measured on. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Salt and hash of nothing, with the same cost. */
const decoy = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Both methods reject with `tooManyRequests` when `waitingProofs` wait already. The library is loaded with the first password. */
export function createPasswordHasher(limits: { concurrentProofs: number; waitingProofs: number }): PasswordHasher {
  const library = () => import('@node-rs/argon2');
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= limits.concurrentProofs) {
      if (waiting.length >= limits.waitingProofs) throw new SluiceError(errors.tooManyRequests);
      // The one that ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }

  return {
    hash: (password) => inTurn(async () => (await library()).hash(password, cost)),
    async verify(known, password) {
      // A stored value that is no hash proves nothing.
      const same = await inTurn(async () => (await library()).verify(known ?? decoy, password).catch(() => false));
      return same && known !== undefined;
    },
  };
}
