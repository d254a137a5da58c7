import { localWakeBus } from '../../src/embedded/local-wake-bus.ts';
import { newToken } from '../../src/chat/chat.ts';
import { describeWakeBus } from './wake-bus.ts';

describeWakeBus('within one process', () => {
  const bus = localWakeBus();
  return Promise.resolve({
    bus,
    another: () => Promise.resolve(bus),
    dispose: () => bus.disconnect(),
  });
});

describe('a wake bus within one process', () => {
  it('wakes nobody after it was disconnected', async () => {
    const bus = localWakeBus();
    const userToken = newToken();
    const onWake = jest.fn();
    await bus.listen(userToken, onWake);

    await bus.disconnect();
    bus.wake(userToken);

    expect(onWake).not.toHaveBeenCalled();
  });
});
