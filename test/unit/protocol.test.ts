import {
  ABSENCE_CLOSE_AFTER,
  DRAFT_GIVES_WAY_AFTER_MS,
  INBOX_LIMIT,
  INTRUDER_NOTICE_INTERVAL_MS,
  MAX_ACKNOWLEDGED,
  MAX_BODY_BYTES,
  MAX_SENT,
  MESSAGE_MAX_LENGTH,
  REMEMBERED_IDS,
  TYPING_SHOWN_MS,
  USED_INVITATION_MS,
} from '../../src/protocol.ts';

/** Whoever changes one of them changes the protocol (protocol.md). */
it('the numbers of the protocol are those of its document', () => {
  expect(MAX_BODY_BYTES).toBe(16_384);
  expect(MAX_SENT).toBe(20);
  expect(MAX_ACKNOWLEDGED).toBe(200);
  expect(MESSAGE_MAX_LENGTH).toBe(140);
  expect(INBOX_LIMIT).toBe(200);
  expect(REMEMBERED_IDS).toBe(200);
  expect(ABSENCE_CLOSE_AFTER).toEqual({ least: 60, most: 86_400 });
  expect(TYPING_SHOWN_MS).toBe(6000);
  expect(INTRUDER_NOTICE_INTERVAL_MS).toBe(60_000);
  expect(USED_INVITATION_MS).toBe(24 * 3_600_000);
  expect(DRAFT_GIVES_WAY_AFTER_MS).toBe(10 * 60_000);
});
