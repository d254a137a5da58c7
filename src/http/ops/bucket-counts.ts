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

  /** As Prometheus names them: each bucket has what the smaller ones have, too. */
  values(): readonly BucketValue[] {
    let sofar = 0;
    const buckets = this.#counts.map((count, index): BucketValue => {
      sofar += count;
      return { suffix: 'bucket', le: this.#bounds[index] ?? '+Inf', value: sofar };
    });
    return [...buckets, { suffix: 'sum', value: this.#sum }, { suffix: 'count', value: sofar }];
  }
}

export interface BucketValue {
  readonly suffix: 'bucket' | 'sum' | 'count';
  /** The upper bound of a bucket. */
  readonly le?: number | '+Inf';
  readonly value: number;
}
