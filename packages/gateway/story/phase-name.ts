/** What WSO2's protocol states mean on the side of the backend, by ordinal (wso2-gateway.md 2.1). */
const names = [
  'before a connection stood',
  'sending the head of the request',
  'sending the body of the request',
  'waiting for the answer',
  'reading the head of the answer',
  'reading the body of the answer',
  'after the answer',
];

/** The phase of a fault in words. */
export function phaseName(phase: number): string {
  return names[phase] ?? `state ${phase}`;
}
