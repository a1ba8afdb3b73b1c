import type { LeafEndpoint } from '@sluice/model';

const always = (): boolean => true;

/** Whether a group tries another member after a fault of a code (Synapse's `retryConfig`, wso2-gateway.md 4.4): disabled codes first, then enabled ones. */
export function retryRule(rule: LeafEndpoint['retry']): (code: number) => boolean {
  if (rule === undefined) return always;
  const disabled = new Set(rule.disabledErrorCodes.map(Number));
  const enabled = new Set(rule.enabledErrorCodes.map(Number));
  return (code) => !disabled.has(code) && (enabled.size === 0 || enabled.has(code));
}
