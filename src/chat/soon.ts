/**
 * Something that is there already, or a promise of it. In embedded mode nearly everything is there; a promise for each
 * step of a request would cost more than the steps.
 */
export type Soon<Value> = Value | Promise<Value>;

/** Goes on with a value as soon as it is there: at once if it is. What `next` throws is thrown or rejected accordingly. */
export const andThen = <Value, Result>(
  value: Soon<Value>,
  next: (value: Value) => Soon<Result>,
): Soon<Result> => (value instanceof Promise ? value.then(next) : next(value));
