import { createKeyExchange } from '../../../src/browser/room/key-exchange.ts';
import { createPlainLine } from '../../../src/client/connection/line.ts';
import { createOutbox } from '../../../src/client/connection/outbox.ts';

/** The exchange of a tab whose part in the chat may end while a step is under way. */
function rig() {
  let sends = 0;
  let endStep = (): void => undefined;
  const step = (): Promise<void> => new Promise((resolve) => (endStep = resolve));
  let isLive = true;
  const keys = createKeyExchange({
    line: { ...createPlainLine(createOutbox()), begin: step, exchangeAnew: step },
    life: { isLive: () => isLive },
    security: {
      now: () => {
        throw new Error('not asked');
      },
      note: () => undefined,
      warn: () => undefined,
      dismiss: () => undefined,
    },
    channel: { send: () => (sends += 1) },
    onLost: () => Promise.resolve(),
  });
  return {
    keys,
    sends: () => sends,
    endStep: () => {
      endStep();
    },
    giveWay: () => (isLive = false),
  };
}

describe.each(['begin', 'exchangeAnew'] as const)('an exchange of keys (%s)', (kind) => {
  test('sends its step', async () => {
    const { keys, sends, endStep } = rig();
    const done = keys[kind]();
    endStep();
    await done;
    expect(sends()).toBe(1);
  });

  test('sends nothing from a tab that has given the chat away meanwhile', async () => {
    const { keys, sends, endStep, giveWay } = rig();
    const done = keys[kind]();
    giveWay();
    endStep();
    await done;
    expect(sends()).toBe(0);
  });
});
