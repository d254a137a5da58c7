/** How many go into one command at the most, so that it does not hold up what else Redis has to do. */
const PER_COMMAND = 500;

/** Parts of a list, each for one command. */
export function chunks(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / PER_COMMAND);
  return Array.from({ length: count }, (_, index) =>
    names.slice(index * PER_COMMAND, (index + 1) * PER_COMMAND),
  );
}
