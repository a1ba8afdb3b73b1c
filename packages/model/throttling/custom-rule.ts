/** A limit over calls whose properties make one key (WSO2: custom policy). Of the super organization only; it counts calls of all. */
export interface CustomRule {
  readonly id: string;
  readonly organization: string;
  /** Unique. */
  readonly name: string;
  readonly description: string;
  /** Variables with a dollar sign, joined by colons: `$userId:$apiContext`. */
  readonly keyTemplate: string;
  /** The Siddhi query that says window, limit and which keys; read by `readSiddhiQuery`. */
  readonly siddhiQuery: string;
  readonly enabled: boolean;
}
