/**
 * A text of the page: as it is, or one for each plural form that the language has (CLDR, chosen by `count`).
 * `{name}` stands for a value.
 */
export type Text =
  string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
