import { andThen } from '../../chat/soon.ts';
import type { TypingSignals } from '../../chat/typing.ts';
import type { ServerClock } from './server-clock.ts';
import { withMethods } from './with-methods.ts';

type Ahead = Pick<ServerClock, 'ahead'>;

/** What is a time, in ms since the epoch, wherever it is said to a store or a log or by one. */
const times = new Set([
  ...['at', 'until', 'since', 'created', 'closed', 'accepted'],
  ...['seenUntil', 'talkerSeenUntil', 'wasSeenUntil', 'pollBegan', 'notSince', 'notSeenSince'],
  ...['createdAfter', 'createdBefore', 'closedBefore', 'usedAfter', 'workerSeenAt'],
]);

/** What has counts under names of {@link times}. */
const COUNTS = 'countByStatus';

/**
 * A store, or a log, whose times are the database's, for a process that goes by its own clock: what it says is put into the
 * database's time, what it hears into its own. So processes agree on who is there and since when, however wrong the
 * clock of one of them is. Where the two clocks agree nothing is touched.
 */
export const inServerTime = <Store extends object>(store: Store, clock: Ahead): Store =>
  withMethods(store, (name, method) => {
    if (name === COUNTS) return method;
    return (...given: unknown[]) => {
      const ahead = clock.ahead();
      if (ahead === 0) return method(...given);
      // A number that stands alone is a time, too, where it is given.
      const said = given.map((one) =>
        typeof one === 'number' ? one + ahead : shifted(one, ahead),
      );
      const heard = method(...said);
      return heard instanceof Promise
        ? heard.then((result: unknown) => shifted(result, -ahead))
        : shifted(heard, -ahead);
    };
  });

/** The same for typing signals, which say nothing but a time. */
export const typingInServerTime = (typing: TypingSignals, clock: Ahead): TypingSignals => ({
  begin: (who, at) => typing.begin(who, at + clock.ahead()),
  end: (who) => typing.end(who),
  until: (who, now, reader) => {
    const ahead = clock.ahead();
    return andThen(typing.until(who, now + ahead, reader), (until) =>
      until === null ? null : until - ahead,
    );
  },
});

/** The same with all its times so many milliseconds later. */
function shifted(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((one) => shifted(one, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) => [
      name,
      typeof one === 'number' && times.has(name) ? one + by : shifted(one, by),
    ]),
  );
}
