import type { AdmissionOptions } from './options.ts';
import { readPriorityFile } from './priority-file.ts';

/** What the settings say about it. */
export interface AdmissionSettings {
  /** Calls in flight; 0 leaves it to the file of priorities, and without one sets no bound. */
  readonly maxInFlight: number;
  /** Calls that wait: in the one queue without a file, in each queue to which the file gives no size. */
  readonly maxQueue: number;
  /** Milliseconds. */
  readonly queueTimeout: number;
  /** The file of priorities, with the name that messages give it. */
  readonly file?: { readonly text: string; readonly place: string };
}

/** What settings and file make together; undefined where nothing bounds the calls. Throws `PriorityFileError`. */
export function admissionOf(settings: AdmissionSettings): AdmissionOptions | undefined {
  const { maxInFlight, maxQueue, queueTimeout, file } = settings;
  if (file === undefined) {
    if (maxInFlight === 0) return undefined;
    return {
      maxInFlight,
      queueTimeout,
      queues: [{ priority: 1, size: maxQueue }],
      conditions: [],
      defaultPriority: 1,
    };
  }
  const { queues, ...read } = readPriorityFile(file.text, file.place);
  return {
    ...read,
    maxInFlight: maxInFlight || read.maxInFlight,
    queueTimeout,
    queues: queues.map(({ priority, size }) => ({ priority, size: size ?? maxQueue })),
  };
}
