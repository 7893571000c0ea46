import { formUsedTwice } from './form-used-twice.js';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { KEY_PREFIXES } from '../../contracts/keys/key-management.js';
import { generateKey } from '../../lib/keys/key-format.js';
import { KeyHasher } from '../hashing/key-hasher.js';
import type { Db } from '../storage/database.schema.js';
import type { KeyRecord } from '../records/key-record.js';
import { KeysRepository } from './keys.repository.js';

/** What a new key is to be. */
export type KeySpec = Pick<
  KeyRecord,
  | 'name'
  | 'serviceId'
  | 'serviceIds'
  | 'userId'
  | 'environment'
  | 'scopes'
  | 'expiresAt'
  | 'ratePerHour'
  | 'burst'
  | 'searchesPerMinute'
  | 'writesPerMinute'
  | 'allowedIps'
  | 'grants'
  | 'description'
>;

/** Where a new key comes from. */
export interface KeyOrigin {
  /** RFC 3339 in UTC with milliseconds. */
  now: string;
  /** Name of the actor. */
  createdBy: string;
  id?: string;
  /** The key whose place it takes. */
  rotatedFromId?: string;
}

/** A new key. Only at this moment is the key itself known. */
export interface IssuedKey {
  record: KeyRecord;
  apiKey: string;
}

/** Characters after the environment that are kept for people: 24 of 256 bits. */
const SHOWN_CHARACTERS = 4;

/** Makes a key and stores its hash. */
@Injectable()
export class KeyIssuer {
  constructor(
    private readonly keys: KeysRepository,
    private readonly hasher: KeyHasher,
  ) {}

  /** @throws ProblemError 409 where there is a key with the id that was asked for */
  async issue(db: Db, spec: KeySpec, origin: KeyOrigin): Promise<IssuedKey> {
    const apiKey = generateKey(spec.environment);
    const record: KeyRecord = {
      ...spec,
      id: origin.id ?? randomUUID(),
      prefix: apiKey.slice(0, KEY_PREFIXES[spec.environment].length + SHOWN_CHARACTERS),
      createdAt: origin.now,
      lastUsedAt: null,
      revokedAt: null,
      active: true,
      rotatedToId: null,
      rotatedFromId: origin.rotatedFromId ?? null,
      createdBy: origin.createdBy,
      revokedBy: null,
      revokeReason: null,
    };
    // The same form was sent twice at the same time: neither request has seen the other's key before.
    if (!(await this.keys.insert(db, record, this.hasher.store(apiKey)))) throw formUsedTwice();
    return { record, apiKey };
  }
}
