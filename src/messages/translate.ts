import type { en } from './scripts/en.ts';
import type { Text } from './text.ts';

/** The key of a text that a script says. */
export type MessageKey = keyof typeof en;

/** All texts that scripts say, in one language. */
export type Messages = Readonly<Record<MessageKey, Text>>;

/** What stands for `{name}` in a text; `count` chooses the plural form, too. */
export type Values = Readonly<Record<string, string | number>>;

interface Current {
  readonly language: string;
  readonly messages: Messages;
  readonly plurals: Intl.PluralRules;
  readonly numbers: Intl.NumberFormat;
}

let current: Current | undefined;

/** Sets the language of everything that {@link t} says. To be called once, before anything is said. */
export function useMessages(language: string, messages: Messages): void {
  current = {
    language,
    messages,
    plurals: new Intl.PluralRules(language),
    numbers: new Intl.NumberFormat(language),
  };
}

function inUse(): Current {
  if (!current) throw new Error('No language is set: useMessages');
  return current;
}

/**
 * A text in the language in use.
 *
 * @param values what stands for each `{name}`; numbers are written as the language writes them
 * @throws when no language is set
 */
export function t(key: MessageKey, values: Values = {}): string {
  const { messages, plurals, numbers } = inUse();
  const text: Text = messages[key];
  const form =
    typeof text === 'string' ? text : (text[plurals.select(Number(values['count']))] ?? text.other);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name] ?? whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}

/**
 * A moment in the language in use and the time zone of this machine, with 24 hours a day.
 *
 * @param at milliseconds since the epoch
 */
export function formatMoment(at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(inUse().language, { hourCycle: 'h23', ...options }).format(at);
}
