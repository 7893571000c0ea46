import { Injectable } from '@nestjs/common';
import { KeysRepository } from '../keys/keys.repository.js';
import { Database } from '../storage/database.js';
import { KeyRotationsRepository } from './key-rotations.repository.js';
import { RotationPoliciesRepository } from './policies/rotation-policies.repository.js';

/** What rotation is about: keys, policies, and successors on their way. */
@Injectable()
export class RotationStore {
  constructor(
    readonly database: Database,
    readonly keys: KeysRepository,
    readonly policies: RotationPoliciesRepository,
    readonly rotations: KeyRotationsRepository,
  ) {}
}
