import { createTypingInMemory } from '../../src/embedded/typing.ts';
import { describeTyping } from './typing.ts';

describeTyping('within one process', () => {
  const typing = createTypingInMemory();
  return Promise.resolve({
    typing,
    another: () => Promise.resolve(typing),
    dispose: () => Promise.resolve(),
  });
});
