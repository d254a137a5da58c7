import { newParticipantKey } from '../support/chats.ts';
import { ANYTHING } from '../../src/chat/wake-bus.ts';
import { createLocalWakeBus } from '../../src/embedded/local-wake-bus.ts';
import { describeWakeBus } from './wake-bus.ts';

describeWakeBus('within one process', () => {
  const bus = createLocalWakeBus();
  return Promise.resolve({
    bus,
    another: () => Promise.resolve(bus),
    dispose: () => bus.disconnect(),
  });
});

describe('a wake bus within one process', () => {
  it('wakes nobody after it was disconnected', async () => {
    const bus = createLocalWakeBus();
    const who = newParticipantKey();
    const onWake = jest.fn();
    await bus.listen(who, onWake);

    await bus.disconnect();
    bus.wake(who, ANYTHING);

    expect(onWake).not.toHaveBeenCalled();
  });
});
