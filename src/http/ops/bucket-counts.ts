import type { MetricValueWithName } from 'prom-client';

/** The upper bounds of a histogram's buckets, in its own unit, rising. */
export type Bounds = readonly number[];

/** What one series of a histogram has counted. What is counted for every request costs an addition or two. */
export class BucketCounts {
  readonly #bounds: Bounds;
  /** How many values fell into each bucket and not into a smaller one; the last: into none. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#counts = Array<number>(bounds.length + 1).fill(0);
  }

  count(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? Infinity)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** As Prometheus has them, under the histogram's name: each bucket has what the smaller ones have, too. */
  values(name: string, labels: Record<string, string | number>): MetricValueWithName<string>[] {
    let sofar = 0;
    const buckets = this.#counts.map((count, index) => {
      sofar += count;
      const le = this.#bounds[index] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: sofar };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: sofar },
    ];
  }
}
