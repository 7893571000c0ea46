import { Injectable } from '@nestjs/common';
import { KeysRepository } from '../keys/keys.repository.js';
import { Database } from '../storage/database.js';
import { KeyRotationsRepository } from './key-rotations.repository.js';
import { RotationPoliciesRepository } from './policies/rotation-policies.repository.js';

/** The storage of rotation: keys, policies, and undelivered successors. */
@Injectable()
export class RotationStore {
  constructor(
    readonly database: Database,
    readonly keys: KeysRepository,
    readonly policies: RotationPoliciesRepository,
    readonly rotations: KeyRotationsRepository,
  ) {}
}
