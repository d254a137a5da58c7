import { en } from '../../src/messages/scripts/en.ts';
import { useMessages } from '../../src/messages/translate.ts';

// Before the tests of each file: what the page says is compared in English.
useMessages('en', en);
