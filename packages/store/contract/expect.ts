import assert from 'node:assert/strict';
import { ConflictError, StoreUnavailableError, type UnavailableReason } from '../errors.ts';

export const rejectsConflict = (promise: Promise<unknown>, rule: string): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof ConflictError, `not a ConflictError: ${error}`);
    assert.equal(error.rule, rule);
    return true;
  });

export const rejectsUnavailable = (
  promise: Promise<unknown>,
  reason: UnavailableReason,
  message = /./,
): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof StoreUnavailableError, `not a StoreUnavailableError: ${error}`);
    assert.equal(error.reason, reason);
    assert.match(error.message, message);
    return true;
  });
