import type { Messages } from '../translate.ts';
import { en } from './en.ts';

/** What scripts say. */
export const de: Messages = en;
