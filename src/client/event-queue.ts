/** Values that wait until somebody asks for them. Each is given once, whoever asks. */
export interface EventQueue<Value> extends AsyncIterable<Value> {
  push(value: Value): void;
  /** Nothing comes any more; what waits is still given. */
  end(): void;
}

/** Creates an empty queue. */
export function createEventQueue<Value>(): EventQueue<Value> {
  const waiting: Value[] = [];
  let hasEnded = false;
  let wake: (() => void)[] = [];

  const wakeAll = (): void => {
    const sleeping = wake;
    wake = [];
    for (const rouse of sleeping) rouse();
  };

  return {
    push(value) {
      if (hasEnded) return;
      waiting.push(value);
      wakeAll();
    },
    end() {
      hasEnded = true;
      wakeAll();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (hasEnded) return;
        else await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
  };
}
