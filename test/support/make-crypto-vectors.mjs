// Computes test/unit/crypto/vectors.json from encryption.md with node:crypto, without the module that it
// checks. With `--check` it compares instead, and fails when the file says something else.
import assert from 'node:assert/strict';
import { createCipheriv, createECDH, createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';

const root = path.resolve(import.meta.dirname, '../..');
const file = path.join(root, 'test/unit/crypto/vectors.json');

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const hmac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
const hkdf = (ikm, salt, info, length) =>
  Buffer.from(hkdfSync('sha256', ikm, salt, Buffer.from(info), length));
const ascii = (text) => Buffer.from(text, 'ascii');
const hex = (bytes) => bytes.toString('hex');
const b64url = (...parts) => Buffer.concat(parts).toString('base64url');

function invitation(code) {
  const derive = (info, length) => hkdf(ascii(code), ascii('sfc1'), info, length);
  const chatToken = hex(derive('chat token', 12));
  const invitationKey = derive('invitation key', 32);
  return { code, chatToken, invitationKey };
}

function keyPair(seed) {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(sha256(ascii(seed)));
  return ecdh;
}

function frame({ type, sequence, received, text }) {
  const bytes = Buffer.alloc(640);
  const content = Buffer.from(text);
  bytes[0] = type;
  bytes.writeUInt32BE(sequence, 1);
  bytes.writeUInt32BE(received, 5);
  bytes.writeUInt16BE(content.length, 9);
  content.copy(bytes, 11);
  return bytes;
}

function encrypted(key, iv, associated, plain) {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function envelope(key, chatToken, direction, content, seed) {
  const iv = sha256(ascii(seed)).subarray(0, 12);
  const associated = ascii(`sfc1.m${chatToken}${direction}`);
  const sealed = encrypted(key, iv, associated, frame(content));
  return { ...content, direction, frame: hex(frame(content)), msg: `sfc1.m.${b64url(iv, sealed)}` };
}

/** 11 bits for each word, read from a string of bits. */
function wordNumbers(bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return [0, 1, 2, 3].map((at) => parseInt(bits.slice(at * 11, (at + 1) * 11), 2));
}

function handshake({ chatToken, invitationKey: K }, name) {
  const creator = keyPair(`${name} creator`);
  const joiner = keyPair(`${name} joiner`);
  const [pubC, pubJ] = [creator.getPublicKey(), joiner.getPublicKey()];
  const r = sha256(ascii(`${name} r`)).subarray(0, 16);
  const commit = sha256(ascii('sfc1 commit'), pubC, r);
  const joinerMac = hmac(K, ascii('sfc1 joiner'), commit, pubJ);
  const creatorMac = hmac(K, ascii('sfc1 creator'), commit, pubJ, pubC, r);
  const transcript = sha256(ascii('sfc1'), ascii(chatToken), commit, pubJ, pubC, r);
  const salt = hmac(K, ascii('sfc1 keys'), transcript);
  const shared = creator.computeSecret(pubJ);
  const keys = {
    creator: hkdf(shared, salt, 'creator', 32),
    joiner: hkdf(shared, salt, 'joiner', 32),
    words: hkdf(shared, salt, 'words', 32),
  };
  const contents = [
    ['creator', { type: 0, sequence: 0, received: 0, text: '' }],
    ['joiner', { type: 0, sequence: 0, received: 0, text: '' }],
    ['joiner', { type: 1, sequence: 1, received: 1, text: 'Grüße, 世界 👋🏽' }],
    ['creator', { type: 1, sequence: 1, received: 2, text: '🔑'.repeat(140) }],
  ];
  const nonce = sha256(ascii(`${name} restart`)).subarray(0, 16);
  return {
    creatorPrivate: hex(creator.getPrivateKey()),
    creatorPublic: hex(pubC),
    joinerPrivate: hex(joiner.getPrivateKey()),
    joinerPublic: hex(pubJ),
    nonce: hex(r),
    commit: hex(commit),
    transcript: hex(transcript),
    salt: hex(salt),
    sharedSecret: hex(shared),
    creatorKey: hex(keys.creator),
    joinerKey: hex(keys.joiner),
    wordsKey: hex(keys.words),
    wordNumbers: wordNumbers(keys.words),
    steps: [
      `sfc1.c.${b64url(commit)}`,
      `sfc1.k.${b64url(pubJ, joinerMac)}`,
      `sfc1.k.${b64url(pubC, r, creatorMac)}`,
    ],
    restart: `sfc1.r.${b64url(nonce, hmac(K, ascii('sfc1 restart'), ascii(chatToken), nonce))}`,
    envelopes: contents.map(([direction, content], index) =>
      envelope(keys[direction], chatToken, direction, content, `${name} iv ${index}`),
    ),
  };
}

/** The document's example, and a code that uses the last characters of both sets. */
const CODES = ['g0123456789abcdefghjkmnp', 'zqrstvwxyz0123456789abcd'];

const vectors = CODES.map((code) => {
  const made = invitation(code);
  return {
    code,
    chatToken: made.chatToken,
    invitationKey: hex(made.invitationKey),
    handshake: handshake(made, code),
  };
});

if (process.argv.includes('--check')) {
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), vectors);
} else {
  writeFileSync(file, await format(JSON.stringify(vectors), { parser: 'json', printWidth: 100 }));
}
