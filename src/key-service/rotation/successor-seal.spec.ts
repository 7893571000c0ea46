import { RotationConfig } from '../config/rotation.config.js';
import { SuccessorSeal } from './successor-seal.js';

const sealWith = (...secrets: string[]): SuccessorSeal =>
  new SuccessorSeal(Object.assign(new RotationConfig(), { sealingSecrets: secrets }));
const OLD = 'an-old-secret-of-thirty-two-characters';
const NEW = 'a-new-secret-of-thirty-two-characters!';
const ID = '641967f8-f229-4e3a-97ba-7515352ab293';

describe('a sealed successor', () => {
  it('opens for its own key id alone', async () => {
    const seal = sealWith(NEW);
    const sealed = await seal.seal(ID, 'the-key');
    expect(await seal.open(ID, sealed)).toBe('the-key');
    await expect(seal.open('9a3c6b1e-3a57-4f0e-9a6e-0d4a1f2b3c4d', sealed)).rejects.toThrow('another key');
  });

  it('opens with any of the secrets, and is sealed with the first', async () => {
    const sealed = await sealWith(OLD).seal(ID, 'the-key');
    expect(await sealWith(NEW, OLD).open(ID, sealed)).toBe('the-key');
    const renewed = await sealWith(NEW, OLD).seal(ID, 'the-key');
    expect(await sealWith(NEW).open(ID, renewed)).toBe('the-key');
    await expect(sealWith(NEW).open(ID, sealed)).rejects.toThrow('put the one back');
  });

  it('shows neither the key nor the same text twice, and does not open when a part of it was changed', async () => {
    const seal = sealWith(NEW);
    const [one, other] = [await seal.seal(ID, 'the-key'), await seal.seal(ID, 'the-key')];
    expect(one).not.toBe(other);
    expect(Buffer.from(one.split('.')[3] ?? '', 'base64url').toString()).not.toContain('the-key');
    const parts = one.split('.');
    const header = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString()) as object;
    const forged = { ...header, sub: '9a3c6b1e-3a57-4f0e-9a6e-0d4a1f2b3c4d' };
    const moved = [Buffer.from(JSON.stringify(forged)).toString('base64url'), ...parts.slice(1)].join('.');
    await expect(seal.open(forged.sub, moved)).rejects.toThrow();
  });

  it('is not made without a secret', async () => {
    await expect(sealWith().seal(ID, 'the-key')).rejects.toThrow('KEY_ROTATION_SECRETS is not set');
  });
});
