/** The value below which a share of sorted values lies. */
export const quantile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Median, least and most of what the rounds gave, with `digits` significant ones. */
export function summary(values, digits = 4) {
  const sorted = values.toSorted((one, other) => one - other);
  const round = (value) => Number(value.toPrecision(digits));
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median: round(median), least: round(sorted[0]), most: round(sorted.at(-1)) };
}

/** The same of how values compare with those of another server, round by round. */
export const ratiosOf = (values, others) =>
  summary(
    values.map((value, round) => value / others[round]),
    3,
  );
