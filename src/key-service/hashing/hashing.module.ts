import { Module } from '@nestjs/common';
import { HmacKeyHasher, KeyHasher } from './key-hasher.js';
import { KeyHashesRepository } from './key-hashes.repository.js';
import { KeyLookup } from './key-lookup.js';
import { KeyMover } from './key-mover.js';
import { SlowKeyLookup } from './slow-key-lookup.js';
import { BcryptVerifier, SlowHashVerifier } from './slow-hash.verifier.js';

/** How keys are stored and looked up; both policies are providers that can be replaced. */
@Module({
  providers: [
    { provide: KeyHasher, useClass: HmacKeyHasher },
    { provide: SlowHashVerifier, useClass: BcryptVerifier },
    KeyHashesRepository,
    KeyLookup,
    KeyMover,
    SlowKeyLookup,
  ],
  exports: [KeyHasher, KeyLookup],
})
export class HashingModule {}
