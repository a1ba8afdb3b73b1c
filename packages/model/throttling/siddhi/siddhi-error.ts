/** What of Siddhi is read, for those whose query is refused. */
export const understoodSiddhi =
  'Understood is: FROM RequestStream SELECT ..., (CONDITION) AS isEligible, KEY AS throttleKey INSERT INTO EligibilityStream; ' +
  'FROM EligibilityStream[isEligible==true]#throttler:timeBatch(1 min) SELECT throttleKey, (count(userId) >= 5) AS isThrottled, expiryTimeStamp ' +
  'GROUP BY throttleKey INSERT ALL EVENTS INTO ResultStream; with ==, !=, <, <=, >, >=, and, or, not, is null, regex:find, str:concat, ' +
  "map:get(propertiesMap, 'NAME'), and sum of messageSize in the place of count.";

/** A query or key template that is not of the form that is read. Its message says why and where. */
export class SiddhiError extends Error {
  override readonly name = 'SiddhiError';
  readonly reason: string;
  /** Line and column in the query, from 1; undefined where the key template is what is wrong. */
  readonly at: { readonly line: number; readonly column: number } | undefined;

  constructor(reason: string, at: { readonly line: number; readonly column: number } | undefined) {
    super(at === undefined ? reason : `line ${at.line}, column ${at.column}: ${reason}`);
    this.reason = reason;
    this.at = at;
  }
}
