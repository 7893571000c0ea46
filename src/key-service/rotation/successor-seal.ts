import { Injectable } from '@nestjs/common';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { sealingKeys, type SealingKey } from '../../lib/keys/sealing-keys.js';
import { RotationConfig } from '../config/rotation.config.js';

/**
 * Encrypts a successor for the time until it is handed over: compact JWE, `dir` with A256GCM (RFC 7516). The header,
 * which is authenticated with the rest, names the key id, so that a value encrypted for one key cannot be decrypted
 * for another.
 */
@Injectable()
export class SuccessorSeal {
  private readonly keys: readonly SealingKey[];

  constructor({ sealingSecrets }: RotationConfig) {
    this.keys = sealingKeys(sealingSecrets, 'key-rotation');
  }

  /** @throws where no secret is configured */
  async seal(keyId: string, apiKey: string): Promise<string> {
    const [first] = this.keys;
    if (!first) throw new Error('KEY_ROTATION_SECRETS is not set');
    return new CompactEncrypt(new TextEncoder().encode(apiKey))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.kid, sub: keyId })
      .encrypt(first.key);
  }

  /** @throws where none of the secrets opens it, or it was sealed for another key */
  async open(keyId: string, sealed: string): Promise<string> {
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealed,
      ({ kid }) => {
        const found = this.keys.find((one) => one.kid === kid);
        if (!found)
          throw new Error(
            'no secret of KEY_ROTATION_SECRETS opens the new key: put the one back that it was made with',
          );
        return found.key;
      },
      { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
    );
    if (protectedHeader['sub'] !== keyId) throw new Error('what is stored was made for another key');
    return new TextDecoder().decode(plaintext);
  }
}
