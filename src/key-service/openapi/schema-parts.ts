import { ENVIRONMENTS } from '../../contracts/keys/key-management.js';
import { SCOPES } from '../../contracts/access/scopes.js';
import type { Schema } from '../../lib/http/openapi-document.js';
import { MAX_ADDRESSES, MAX_LIMIT, SERVICE_ID } from '../keys/key-bounds.js';
import { UNPRINTABLE } from '../request-fields/field-validators.js';

export { nullable, object, ref, time, uuid, type Schema } from '../../lib/http/openapi-document.js';

const PRINTABLE = UNPRINTABLE.source.replace('[', '[^');

/** One line of printable text, not only blanks. */
export const text = (maxLength: number): Schema => ({
  type: 'string',
  minLength: 1,
  maxLength,
  pattern: `^${PRINTABLE}*\\S${PRINTABLE}*$`,
});
export const serviceId: Schema = { type: 'string', pattern: SERVICE_ID.source };
export const environment: Schema = { type: 'string', enum: ENVIRONMENTS };
/** A query that may have several values, by its name several times. */
export const several = (items: Schema, maxItems: number): Schema => ({
  type: 'array',
  minItems: 1,
  maxItems,
  items,
});
export const period: Schema = { type: 'string', enum: ['hour', 'day'] };

export const count: Schema = { type: 'integer', minimum: 0 };
export const limit: Schema = { type: 'integer', minimum: 1, maximum: MAX_LIMIT };
export const scopes: Schema = {
  type: 'array',
  maxItems: SCOPES.length,
  uniqueItems: true,
  items: { type: 'string', enum: SCOPES },
};
export const addresses: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: MAX_ADDRESSES,
  uniqueItems: true,
  items: { type: 'string', description: 'Address or CIDR block', examples: ['192.0.2.7', '10.0.0.0/8'] },
};
