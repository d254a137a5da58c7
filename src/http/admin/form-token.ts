import { createHmac, scryptSync } from 'node:crypto';
import { isSameSecret } from '../same-secret.ts';

/** What stands in every form: a page of somebody else's cannot know it. */
export interface FormToken {
  readonly value: string;
  matches(given: unknown): boolean;
}

/**
 * Comes from the password, so that every process of the service understands the forms of every other; slowly, so
 * that a page that got out is of little use for guessing the password.
 */
export function createFormToken(password: string): FormToken {
  const key = scryptSync(password, 'sfchat admin v1', 32);
  const value = createHmac('sha256', key).update('form').digest('base64url');
  return { value, matches: (given) => typeof given === 'string' && isSameSecret(given, value) };
}
