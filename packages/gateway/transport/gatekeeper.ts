/** Decides about each message of a WebSocket, or about each event of an answer, before it goes on. */
export interface Gatekeeper {
  /** Whether the next one passes; undefined while that is not known: then `goOn` is called once, later, and nothing else is asked by its asker before. */
  ask(goOn: (passes: boolean) => void): boolean | undefined;
  /** Text that the client of a WebSocket gets for each message that does not pass. Shorter than 126 bytes. */
  readonly notice: string;
}
