import {
  type DeadlineName,
  type DeadlineValue,
  deadlines,
  describeOrigin,
  type GatewayDeadlines,
  type StoryDeadline,
} from '@sluice/model';
import type { Timeouts } from '../transport/options.ts';
import type { AttemptNote } from './notes.ts';

/** What may fire while a backend is asked, and the member of the transport's deadlines that has the gateway's own value. */
const members = {
  'client-body-idle': 'clientBodyIdle',
  'pool-wait': 'poolWait',
  connect: 'connect',
  'tls-handshake': 'tlsHandshake',
  'backend-write-idle': 'backendWriteIdle',
  'first-byte': 'firstByte',
  global: 'global',
  'backend-body-idle': 'backendBodyIdle',
} as const satisfies Partial<Record<DeadlineName, keyof Timeouts>>;

type Watched = keyof typeof members;

/** Those that hold in each protocol state besides the endpoint's or the global one, which hold until the answer begins. */
const byPhase: Readonly<Record<number, readonly Watched[]>> = {
  0: ['connect'],
  2: ['backend-write-idle', 'client-body-idle'],
  3: ['first-byte'],
  5: ['backend-body-idle'],
};

/** State of an answer that has begun. */
const answerBody = 5;

/** The deadlines of attempts, as one process has them in force, with the places where they are set. */
export class AttemptDeadlines {
  readonly #timeouts: Timeouts;
  readonly #said: Partial<GatewayDeadlines>;

  /** `said` is where the settings stand that made `timeouts`; what it leaves out has its default. */
  constructor(timeouts: Timeouts, said: Partial<GatewayDeadlines>) {
    this.#timeouts = timeouts;
    this.#said = said;
  }

  /** The deadline that fired; undefined when none did. */
  fired(attempt: AttemptNote): StoryDeadline | undefined {
    const { fault, stand } = attempt;
    if (fault === null || stand === null || fault.deadline === null) return undefined;
    const { name, value } = fault.deadline;
    return {
      name,
      value,
      at: rounded(stand.elapsed),
      ...placeOf(this.#valueOf(name as Watched | 'endpoint', attempt)),
    };
  }

  /** Those that held when it ended, the next one first, without the one that fired. */
  pending(attempt: AttemptNote): StoryDeadline[] {
    const { stand, timeout, global, fault } = attempt;
    if (stand === null) return [];
    const { phase, connection } = stand;
    const held: StoryDeadline[] = [];
    const add = (name: Watched | 'endpoint', from: number, own?: number) => {
      const said = this.#valueOf(name, attempt);
      const value = own ?? said.value;
      if (value === 0 || name === fault?.deadline?.name) return;
      held.push({ name, value, at: rounded(from + value), ...placeOf(said) });
    };
    // A connection that was kept may have been silent for long before the attempt began.
    for (const name of byPhase[phase] ?? []) add(name, Math.max(0, connection?.active ?? 0));
    // Each call may say its own duration.
    if (phase < answerBody) add(timeout > 0 ? 'endpoint' : 'global', 0, timeout > 0 ? timeout : global);
    return held.sort((one, other) => one.at - other.at);
  }

  #valueOf(name: Watched | 'endpoint', { leaf }: AttemptNote): DeadlineValue {
    const own = leaf.deadlines.own(name);
    if (own !== null) return own;
    if (name === 'endpoint') return { value: 0, setting: 'config.actionDuration', origin: { kind: 'default' } };
    const value = this.#timeouts[members[name]];
    return this.#said[name] ?? { value, setting: deadlines[name].setting ?? name, origin: { kind: 'default' } };
  }
}

function placeOf({ setting, origin }: DeadlineValue): Pick<StoryDeadline, 'setting' | 'origin'> {
  return { setting, origin: describeOrigin(origin) };
}

/** To a tenth of a millisecond. */
export function rounded(millis: number): number {
  return Math.round(millis * 10) / 10;
}
