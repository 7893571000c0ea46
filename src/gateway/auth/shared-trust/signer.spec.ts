import { createHmac } from 'node:crypto';
import { CacheNames } from '../cache-names.js';
import { Signer } from './signer.js';

const SECRET = 'the-first-secret-of-all';
const signer = new Signer([SECRET]);

it('what one replica signed another with the same secret verifies', () => {
  const signature = signer.sign('facts', 'a name', '{"a":1}', 17);
  expect(signature).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(new Signer([SECRET]).verifies(signature, 'facts', 'a name', '{"a":1}', 17)).toBe(true);
});

it.each<[string, Parameters<Signer['verifies']>]>([
  ['another kind', ['', 'tombstone', 'name', 'content', 17]],
  ['another name', ['', 'facts', 'eman', 'content', 17]],
  ['other content', ['', 'facts', 'name', 'Content', 17]],
  ['another time', ['', 'facts', 'name', 'content', 18]],
  ['parts that were cut elsewhere', ['', 'facts', 'namecontent', '', 17]],
  ['a part more', ['', 'facts', 'name', 'content', 17, '']],
])('a signature is none for %s', (_what, [, ...rest]) => {
  const signature = signer.sign('facts', 'name', 'content', 17);
  expect(signer.verifies(signature, ...rest)).toBe(false);
});

it.each([undefined, null, 17, '', 'short', `${'A'.repeat(43)}=`, 'A'.repeat(43), ['A'.repeat(43)]])(
  'a malformed signature is never valid: %j',
  (signature) => expect(signer.verifies(signature, 'facts', 'name')).toBe(false),
);

it('the first of several secrets signs, and all verify', () => {
  const before = new Signer(['an-old-secret-of-all', 'a-new-secret-of-all']);
  const after = new Signer(['a-new-secret-of-all', 'an-old-secret-of-all']);
  expect(after.verifies(before.sign('facts', 'x'), 'facts', 'x')).toBe(true);
  expect(before.verifies(after.sign('facts', 'x'), 'facts', 'x')).toBe(true);
  expect(signer.verifies(after.sign('facts', 'x'), 'facts', 'x')).toBe(false);
});

it('no key that a client can present has a digest that is a signing key', () => {
  const label = 'mlflow-gateway:shared-values:v2';
  const digest = new CacheNames([SECRET], 's').digest(label);
  const guess = createHmac('sha256', Buffer.from(digest.split('.').at(-1) ?? '', 'base64url'))
    .update(JSON.stringify(['facts', 'x']))
    .digest('base64url');
  expect(signer.verifies(guess, 'facts', 'x')).toBe(false);
});
