import { Recorder, type Outcome, type Said, type Who } from './history.ts';
import { judge, verdicts, type JudgeOptions, type Verdict } from './judge.ts';

/** Writes planted histories: each line is what one client sees. */
class Plot {
  #at = 0;
  // Each entry a millisecond after the one before, whatever the machine does.
  readonly recorder = new Recorder('chat 1', () => (this.#at += 1));

  wait(milliseconds: number): this {
    this.#at += milliseconds;
    return this;
  }

  send(by: Who, texts: readonly string[], outcome: Outcome = 'ok'): this {
    const operation = this.recorder.invoke({ type: 'send', by, messages: texts.map(said) });
    this.recorder.settle(operation, outcome);
    return this;
  }

  read(by: Who, texts: readonly string[], outcome: Outcome = 'ok'): this {
    const operation = this.recorder.invoke({ type: 'receive', by, isHeld: false });
    this.recorder.settle(operation, outcome, { messages: texts.map(said) });
    return this;
  }

  show(by: Who, ...texts: readonly string[]): this {
    for (const text of texts) this.recorder.note({ type: 'shown', by, message: said(text) });
    return this;
  }

  acknowledge(by: Who, texts: readonly string[], outcome: Outcome = 'ok'): this {
    const ids = texts.map((text) => said(text).id);
    this.recorder.settle(this.recorder.invoke({ type: 'acknowledge', by, ids }), outcome);
    return this;
  }

  /** Reads, shows and acknowledges. */
  take(by: Who, ...texts: readonly string[]): this {
    return this.read(by, texts)
      .show(by, ...texts)
      .acknowledge(by, texts);
  }

  join(by: Who, outcome: Outcome = 'ok'): this {
    this.recorder.settle(this.recorder.invoke({ type: 'join', by }), outcome);
    return this;
  }

  crash(): this {
    this.recorder.note({ type: 'crashed' });
    return this;
  }

  /** The verdicts that are not empty. */
  found(options?: JudgeOptions): Verdict[] {
    const judgement = judge(this.recorder, options);
    return verdicts.filter((verdict) => judgement[verdict].length > 0);
  }
}

const said = (text: string): Said => ({ id: `id of ${text}`, text });

describe('the judge of histories', () => {
  it('finds nothing wrong with a conversation that went well', () => {
    const plot = new Plot()
      .join('joiner')
      .join('stranger', 'failed')
      .send('creator', ['a', 'b'])
      .take('joiner', 'a', 'b')
      .send('joiner', ['c'])
      .take('creator', 'c')
      .read('stranger', [], 'failed');
    expect(plot.found()).toEqual([]);
  });

  describe('lost', () => {
    it('is what was accepted and never shown', () => {
      expect(new Plot().send('creator', ['a', 'b']).take('joiner', 'a').found()).toEqual(['lost']);
    });

    it('is what was accepted at the second attempt', () => {
      expect(new Plot().send('creator', ['a'], 'unknown').send('creator', ['a']).found()).toEqual([
        'lost',
      ]);
    });

    it('is what the client got and did not show', () => {
      expect(
        new Plot()
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .acknowledge('joiner', ['a'])
          .found(),
      ).toEqual(['lost']);
    });

    it('is what only somebody else saw', () => {
      expect(new Plot().send('creator', ['a']).show('creator', 'a').found()).toContain('lost');
    });

    it('is not what was refused, or may not have happened', () => {
      expect(
        new Plot().send('creator', ['a'], 'failed').send('creator', ['b'], 'unknown').found(),
      ).toEqual([]);
    });

    it('is not what the end of the lifetime took away', () => {
      const plot = new Plot().send('creator', ['a']);
      plot.recorder.note({ type: 'expired' });
      expect(plot.found()).toEqual([]);
    });
  });

  it('does not call lost what the service still has when nobody waits any longer', () => {
    const plot = new Plot().send('creator', ['a', 'b']).take('joiner', 'a');
    plot.recorder.note({ type: 'unread' });
    expect(plot.found()).toEqual([]);
  });

  describe('unexpected', () => {
    it('is what nobody sent', () => {
      expect(new Plot().take('joiner', 'a').found()).toEqual(['unexpected']);
    });

    it('is what reads otherwise than it was sent', () => {
      const plot = new Plot().send('creator', ['a']);
      plot.recorder.note({ type: 'shown', by: 'joiner', message: { ...said('a'), text: 'A' } });
      expect(plot.found()).toEqual(['unexpected']);
    });

    it('is what was refused each time', () => {
      expect(new Plot().send('creator', ['a'], 'failed').show('joiner', 'a').found()).toEqual([
        'unexpected',
      ]);
    });

    it('is what was shown before it was sent', () => {
      expect(new Plot().show('joiner', 'a').send('creator', ['a']).found()).toEqual(['unexpected']);
    });

    it('is not what may have happened', () => {
      expect(new Plot().send('creator', ['a'], 'unknown').take('joiner', 'a').found()).toEqual([]);
    });

    it('is not what was refused once and then may have happened', () => {
      expect(
        new Plot()
          .send('creator', ['a'], 'failed')
          .send('creator', ['a'], 'unknown')
          .take('joiner', 'a')
          .found(),
      ).toEqual([]);
    });
  });

  describe('resurrected', () => {
    it('is what comes again after its acknowledgement was accepted', () => {
      expect(
        new Plot().send('creator', ['a']).take('joiner', 'a').read('joiner', ['a']).found(),
      ).toEqual(['resurrected']);
    });

    it('is what a sender without an answer repeats, where the server should know the id', () => {
      expect(
        new Plot()
          .send('creator', ['a'], 'unknown')
          .take('joiner', 'a')
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .found(),
      ).toEqual(['resurrected']);
    });

    it('is not what comes again because nobody knows of the acknowledgement', () => {
      expect(
        new Plot()
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .show('joiner', 'a')
          .acknowledge('joiner', ['a'], 'unknown')
          .read('joiner', ['a'])
          .found(),
      ).toEqual([]);
    });

    it('is not what a read has that was under way before the acknowledgement', () => {
      const plot = new Plot().send('creator', ['a']);
      const { recorder } = plot;
      const slow = recorder.invoke({ type: 'receive', by: 'joiner', isHeld: false });
      plot.take('joiner', 'a');
      recorder.settle(slow, 'ok', { messages: [said('a')] });
      expect(plot.found()).toEqual([]);
    });
  });

  describe('a message that was read before its commit', () => {
    const readBeforeCommit = () =>
      new Plot().send('creator', ['a'], 'unknown').read('joiner', ['a']).show('joiner', 'a');

    it('may come again when a crash took it, and the sender had no answer', () => {
      expect(
        readBeforeCommit()
          .crash()
          .acknowledge('joiner', ['a'])
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .found(),
      ).toEqual([]);
    });

    it('is shown twice all the same, if it is', () => {
      expect(
        readBeforeCommit()
          .crash()
          .acknowledge('joiner', ['a'])
          .send('creator', ['a'])
          .take('joiner', 'a')
          .found(),
      ).toEqual(['resurrected', 'shown twice']);
    });

    it('may not come again when its acknowledgement was accepted before the crash', () => {
      expect(
        readBeforeCommit()
          .acknowledge('joiner', ['a'])
          .crash()
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .found(),
      ).toEqual(['resurrected']);
    });

    it('may not come again when the sender had an answer', () => {
      expect(
        new Plot()
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .show('joiner', 'a')
          .crash()
          .acknowledge('joiner', ['a'])
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .found(),
      ).toEqual(['resurrected']);
    });

    it('may not come again when nobody sent it again', () => {
      expect(
        readBeforeCommit().crash().acknowledge('joiner', ['a']).read('joiner', ['a']).found(),
      ).toEqual(['resurrected']);
    });

    it('may not come again when it was read only after the crash', () => {
      expect(
        new Plot()
          .send('creator', ['a'], 'unknown')
          .crash()
          .take('joiner', 'a')
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .found(),
      ).toEqual(['resurrected']);
    });
  });

  describe('shown twice', () => {
    it('is one id on the screen twice', () => {
      expect(new Plot().send('creator', ['a']).show('joiner', 'a', 'a').found()).toEqual([
        'shown twice',
      ]);
    });

    it('is one text under two ids', () => {
      const plot = new Plot().send('creator', ['a']).take('joiner', 'a');
      const copy = { id: 'another', text: 'a' };
      plot.recorder.settle(
        plot.recorder.invoke({ type: 'send', by: 'creator', messages: [copy] }),
        'ok',
      );
      plot.recorder.note({ type: 'shown', by: 'joiner', message: copy });
      expect(plot.found()).toEqual(['shown twice']);
    });

    it('is not what came twice and was shown once', () => {
      expect(
        new Plot()
          .send('creator', ['a'])
          .read('joiner', ['a'])
          .show('joiner', 'a')
          .read('joiner', ['a'])
          .found(),
      ).toEqual([]);
    });
  });

  describe('out of order', () => {
    it('is a later request shown before an earlier one', () => {
      expect(
        new Plot().send('creator', ['a']).send('creator', ['b']).take('joiner', 'b', 'a').found(),
      ).toEqual(['out of order']);
    });

    it('is a later message of one request shown before an earlier one', () => {
      expect(new Plot().send('creator', ['a', 'b']).take('joiner', 'b', 'a').found()).toEqual([
        'out of order',
      ]);
    });

    it('is not the order of two requests of which the first had no answer before the second', () => {
      const plot = new Plot();
      const first = plot.recorder.invoke({ type: 'send', by: 'creator', messages: [said('a')] });
      plot.send('creator', ['b']);
      plot.recorder.settle(first, 'ok');
      expect(plot.take('joiner', 'b', 'a').found()).toEqual([]);
    });

    it('is not between the messages of two senders', () => {
      expect(
        new Plot()
          .send('creator', ['a'])
          .send('joiner', ['b'])
          .take('creator', 'b')
          .take('joiner', 'a')
          .found(),
      ).toEqual([]);
    });
  });

  describe('leaked', () => {
    it('is a message that a stranger reads', () => {
      expect(
        new Plot().send('creator', ['a']).take('joiner', 'a').read('stranger', ['a']).found(),
      ).toEqual(['leaked']);
    });

    it('is an inbox, though empty, that a stranger may read', () => {
      expect(new Plot().read('stranger', []).found()).toEqual(['leaked']);
    });

    it('is a message that comes back to its sender', () => {
      expect(
        new Plot().send('creator', ['a']).take('joiner', 'a').read('creator', ['a']).found(),
      ).toEqual(['leaked']);
    });

    it('is a message of another chat', () => {
      expect(
        new Plot()
          .read('joiner', ['z'])
          .show('joiner', 'z')
          .found({ chatOf: () => 'chat 2' }),
      ).toEqual(['leaked']);
    });

    it('is a seat that two people were given', () => {
      expect(new Plot().join('joiner').join('stranger').found()).toEqual(['leaked']);
    });

    it('is not a join that is repeated by the same person, or refused to another', () => {
      expect(
        new Plot().join('joiner', 'unknown').join('joiner').join('stranger', 'failed').found(),
      ).toEqual([]);
    });
  });

  describe('late', () => {
    const heldPoll = (plot: Plot) =>
      plot.recorder.invoke({ type: 'receive', by: 'joiner', isHeld: true });

    it('is a message that a held poll slept through', () => {
      const plot = new Plot();
      const poll = heldPoll(plot);
      plot.send('creator', ['a']).wait(20_000);
      plot.recorder.settle(poll, 'ok', { messages: [said('a')] });
      expect(plot.show('joiner', 'a').found()).toEqual(['late']);
    });

    it('is not what a machine holds up that answers nothing else in time, either', () => {
      const plot = new Plot();
      const poll = heldPoll(plot);
      plot.send('creator', ['a']);
      const slow = plot.recorder.invoke({ type: 'send', by: 'creator', messages: [said('b')] });
      plot.wait(20_000).recorder.settle(slow, 'failed');
      plot.recorder.settle(poll, 'ok', { messages: [said('a')] });
      expect(plot.show('joiner', 'a').found()).toEqual([]);
    });

    it('is not a message that ended the poll at once', () => {
      const plot = new Plot();
      const poll = heldPoll(plot);
      plot.send('creator', ['a']);
      plot.recorder.settle(poll, 'ok', { messages: [said('a')] });
      expect(plot.show('joiner', 'a').wait(20_000).found()).toEqual([]);
    });

    it('is not what another poll of the same participant was given, and was acknowledged', () => {
      const plot = new Plot();
      const poll = heldPoll(plot);
      plot.send('creator', ['a']).take('joiner', 'a').wait(20_000);
      plot.recorder.settle(poll, 'ok', { messages: [] });
      expect(plot.found()).toEqual([]);
    });

    it('is what another poll was given only after it', () => {
      const plot = new Plot();
      const poll = heldPoll(plot);
      plot.send('creator', ['a']).wait(20_000);
      plot.recorder.settle(poll, 'ok', { messages: [] });
      expect(plot.take('joiner', 'a').found()).toEqual(['late']);
    });

    it('is not what something else held up', () => {
      const plot = new Plot();
      const poll = heldPoll(plot);
      plot.send('creator', ['a']).wait(20_000);
      plot.recorder.note({ type: 'disturbed', what: 'the database is stopped' });
      plot.recorder.settle(poll, 'ok', { messages: [said('a')] });
      expect(plot.show('joiner', 'a').found()).toEqual([]);
    });
  });
});
