import type { JsonObject } from '@sluice/model';
import type { OAuthClient } from '@sluice/store';

/** `exp` of a token that never expires: the end of the year 9999, which every verifier can compute with. Epoch seconds. */
const never = 253_402_300_799;

/** Names of the lifetimes that generate-keys takes in `additionalProperties` (wso2-control-plane.md 3.2). */
type LifetimeName =
  | 'application_access_token_expiry_time'
  | 'user_access_token_expiry_time'
  | 'refresh_token_expiry_time';

/** Seconds a client asked for, given as number or text; -1 never expires; what is no whole number (`N/A`) leaves the default. */
export function clientLifetime(client: OAuthClient, name: LifetimeName, fallback: number): number {
  const given = (client.properties as JsonObject)[name];
  const seconds = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds === 0) return fallback;
  return seconds < 0 ? -1 : seconds;
}

/** Epoch seconds at which a token issued at `now` (epoch seconds) ends. */
export const expiry = (now: number, lifetime: number) => (lifetime < 0 ? never : Math.min(now + lifetime, never));
