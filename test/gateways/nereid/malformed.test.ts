import fc from 'fast-check';
import { sendBytes, type BytesCall } from '../../support/bytes.ts';
import { inBatches } from '../../support/chats.ts';
import { captureLog } from '../../support/captured-log.ts';
import { tokenHeaders } from './stream-client.ts';
import { useNereid } from './use-nereid.ts';

const FORMS = 10_000;

/** Anything that is nearly a form: bytes, broken escapes, fields twice, fields of other types, all too long. */
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .array(
      fc.tuple(
        fc.constantFrom('thread_id', 'message', 'type', 'id', 'token', 'user', '__proto__', ''),
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('&', '')),
          fc.constantFrom('%', '%E0%A4', '%00', '%ED%A0%80', 'plain', '[]', 'x'.repeat(2000), '+'),
        ),
      ),
      { maxLength: 6 },
    )
    .map((fields) => Buffer.from(fields.map((field) => field.join('=')).join('&'))),
);

const types = fc.constantFrom(
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-8',
  'application/x-www-form-urlencoded; charset=',
  'application/json',
  'multipart/form-data',
  '',
);

const resources = fc.constantFrom('send-message', 'start-session', 'token', 'stream', 'x');

describe('forms that are none', () => {
  const log = captureLog();
  const nereid = useNereid({ environment: { RATE_LIMITS: 'off' }, logger: log.logger });

  it(`are refused in the protocol's own words, ${FORMS} of them, and change nothing`, async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const calls = fc.sample(fc.record({ body: bodies, type: types, resource: resources }), {
      numRuns: FORMS,
      seed: 1,
    });
    const post = async ({ body, type, resource }: (typeof calls)[number]) => {
      const call: BytesCall = {
        method: 'POST',
        path: `/nereid-chat/${resource}`,
        headers: { ...tokenHeaders(creator), ...(type !== '' && { 'Content-Type': type }) },
        body,
      };
      const { status, text } = await sendBytes(nereid().server, call);
      const answer = JSON.parse(text) as { message?: string; errors?: object; token?: string };
      // A token is made whatever the body is: it needs none.
      const isFine = status === 200 && resource === 'token' && answer.token !== undefined;
      const isRefused = status >= 400 && status < 500 && (answer.message ?? answer.errors);
      return isFine || isRefused ? [] : [{ status, text, call: { ...call, body: String(body) } }];
    };

    const unexpected = [];
    for (const batch of inBatches(calls, 20)) {
      unexpected.push(...(await Promise.all(batch.map(post))).flat());
    }

    expect(unexpected).toEqual([]);
    expect((await nereid().client.receive(joiner)).results.count).toBe(0);
    expect(log.lines().filter((line) => /"level":(40|50|60)/.test(line))).toEqual([]);
  }, 120_000);
});
