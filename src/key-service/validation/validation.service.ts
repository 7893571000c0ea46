import { Injectable } from '@nestjs/common';
import { AddressList } from '../../lib/network/address-list.js';
import { isMistypedKey } from '../../lib/keys/key-format.js';
import { Clock } from '../../platform/clock.js';
import { KeyLookup } from '../hashing/key-lookup.js';
import { isExpired, type KeyRecord } from '../records/key-record.js';
import { ValidationConfig } from '../config/validation.config.js';
import { UnregisteredServices } from './unregistered-services.js';

export interface ValidationQuestion {
  key: string;
  /** Service that the key must be for; null where the caller did not say. */
  serviceId: string | null;
  /** Who uses the key. */
  clientIp: string;
  /** Whose share of slow comparisons the question counts against. */
  caller: string;
}

export type RefusalReason =
  | 'mistyped'
  | 'unknown'
  | 'revoked'
  | 'expired'
  | 'service'
  /** The service that asks is not registered at all. */
  | 'unregistered-service'
  | 'address';

/** The result of a validation. A refusal is returned as a value; an outage is thrown. */
export type Verdict =
  | { kind: 'valid'; record: KeyRecord }
  /** The reason is for the log alone. */
  | { kind: 'refused'; reason: RefusalReason; keyId: string | undefined };

/** Keys travel in headers. Anything else cannot be a key, and not every database would take it: PostgreSQL refuses NUL. */
const KEY_TEXT = /^[\x21-\x7e]{1,512}$/;

/** Decides on keys. */
@Injectable()
export class ValidationService {
  constructor(
    private readonly lookup: KeyLookup,
    private readonly unregistered: UnregisteredServices,
    private readonly config: ValidationConfig,
    private readonly clock: Clock,
  ) {}

  async validate(question: ValidationQuestion): Promise<Verdict> {
    const { key } = question;
    if (!KEY_TEXT.test(key) || isMistypedKey(key))
      return { kind: 'refused', reason: 'mistyped', keyId: undefined };
    const record = await this.lookup.find(key, question.caller);
    if (!record) return { kind: 'refused', reason: 'unknown', keyId: undefined };
    const reason = this.refusal(record, question);
    if (reason === undefined) return { kind: 'valid', record };
    return { kind: 'refused', reason: await this.precisely(reason, question, record.id), keyId: record.id };
  }

  /** For the log and the metric; the caller gets the same text for all reasons. */
  private async precisely(
    reason: RefusalReason,
    { serviceId }: ValidationQuestion,
    keyId: string,
  ): Promise<RefusalReason> {
    if (reason !== 'service' || serviceId === null) return reason;
    return (await this.unregistered.includes(serviceId, keyId)) ? 'unregistered-service' : 'service';
  }

  private refusal(record: KeyRecord, { serviceId, clientIp }: ValidationQuestion): RefusalReason | undefined {
    if (record.revokedAt !== null) return 'revoked';
    if (isExpired(record, new Date(this.clock.now()).toISOString())) return 'expired';
    if (!record.active) return 'revoked';
    if (serviceId !== null && !record.serviceIds.includes(serviceId)) return 'service';
    if (
      this.config.enforceClientIp &&
      record.allowedIps &&
      !new AddressList(record.allowedIps).contains(clientIp)
    )
      return 'address';
    return undefined;
  }
}
