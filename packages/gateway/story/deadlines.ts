import { type DeadlineName, deadlines, describeOrigin, type StoryDeadline } from '@sluice/model';
import type { Timeouts } from '../transport/options.ts';
import type { AttemptNote } from './notes.ts';

/** The member of the transport's deadlines that has the gateway's own value. */
const members: Readonly<Partial<Record<DeadlineName, keyof Timeouts>>> = {
  'client-head': 'clientHead',
  'client-body-idle': 'clientBodyIdle',
  'client-write-idle': 'clientWriteIdle',
  'pool-wait': 'poolWait',
  connect: 'connect',
  'tls-handshake': 'tlsHandshake',
  'backend-write-idle': 'backendWriteIdle',
  'first-byte': 'firstByte',
  global: 'global',
  'backend-body-idle': 'backendBodyIdle',
};

/** Those that hold in each protocol state besides the endpoint's or the global one, which hold until the answer begins. */
const byPhase: Readonly<Record<number, readonly DeadlineName[]>> = {
  0: ['connect'],
  2: ['backend-write-idle', 'client-body-idle'],
  3: ['first-byte'],
  5: ['backend-body-idle'],
};

/** State of an answer that has begun. */
const answerBody = 5;

/** The deadlines of attempts, in force in one process, with the places where they are set. */
export class AttemptDeadlines {
  readonly #timeouts: Timeouts;
  readonly #origins: Readonly<Record<string, string>>;

  /** `origins` tell where the values of settings come from; those that it leaves out have their default. */
  constructor(timeouts: Timeouts, origins: Readonly<Record<string, string>>) {
    this.#timeouts = timeouts;
    this.#origins = origins;
  }

  originOf(setting: string): string {
    return this.#origins[setting] ?? 'default';
  }

  /** The deadline that fired; undefined when none did. */
  fired(attempt: AttemptNote): StoryDeadline | undefined {
    const { fault, stand } = attempt;
    if (fault === null || stand === null || fault.deadline === null) return undefined;
    const { name, value, setting } = fault.deadline;
    return { ...this.#placeOf(name as DeadlineName, attempt, setting), name, value, at: rounded(stand.elapsed) };
  }

  /** Those that held when it ended, the next one first, without the one that fired. */
  pending(attempt: AttemptNote): StoryDeadline[] {
    const { stand, timeout, global, fault } = attempt;
    if (stand === null) return [];
    const { phase, connection } = stand;
    const held: StoryDeadline[] = [];
    const add = (name: DeadlineName, value: number, from: number) => {
      if (value > 0 && name !== fault?.deadline?.name) {
        held.push({ name, value, at: rounded(from + value), ...this.#placeOf(name, attempt, '') });
      }
    };
    // A connection that was kept may have been silent for long before the attempt began.
    for (const name of byPhase[phase] ?? [])
      add(name, this.#valueOf(name, attempt), Math.max(0, connection?.active ?? 0));
    if (phase < answerBody) {
      if (timeout > 0) add('endpoint', timeout, 0);
      else add('global', global ?? this.#timeouts.global, 0);
    }
    return held.sort((one, other) => one.at - other.at);
  }

  #valueOf(name: DeadlineName, { leaf }: AttemptNote): number {
    const member = members[name];
    return leaf.deadlines.own(name)?.value ?? (member === undefined ? 0 : this.#timeouts[member]);
  }

  #placeOf(name: DeadlineName, { leaf }: AttemptNote, setting: string): Pick<StoryDeadline, 'setting' | 'origin'> {
    const own = leaf.deadlines.own(name);
    if (own !== null) return { setting: own.setting, origin: describeOrigin(own.origin) };
    const key = deadlines[name]?.setting ?? setting;
    return { setting: key, origin: this.originOf(key) };
  }
}

/** To a tenth of a millisecond. */
export function rounded(millis: number): number {
  return Math.round(millis * 10) / 10;
}
