import { Histogram } from 'prom-client';
import { BucketCounts } from './bucket-counts.ts';

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 3, 10];

/** The histogram of what messages took to those who waited for them, counted as {@link RequestTimes} counts. */
export class DeliveryTimes extends Histogram<'le'> {
  readonly #counted = new BucketCounts(BUCKETS);

  /** @param seconds from the acceptance of a message to the answer of the poll that waited for it */
  count(seconds: number): void {
    this.#counted.count(seconds);
  }

  /** What the library reads the values from, for a scrape and for `get`. */
  getForPromString() {
    const { name, help } = deliveryTimesOptions;
    const values = this.#counted.values(name, {});
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }
}

/** What {@link DeliveryTimes} is called; its buckets are its own. */
export const deliveryTimesOptions = {
  name: 'sfchat_delivery_seconds',
  help: 'Time from the acceptance of a message to the answer of the poll that waited for it',
};
