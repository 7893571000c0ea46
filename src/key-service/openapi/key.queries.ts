import { KEY_SORTS, KEY_STATUSES } from '../../contracts/keys/key-management.js';
import { MAX_USER_ID } from '../keys/key-bounds.js';
import { MAX_SEARCH, MAX_VALUES } from '../keys/lists/key-list.fields.js';
import { environment, serviceId, several, text, time, type Schema } from './schema-parts.js';

/** Query of `GET /keys`, without its pages. */
export const keyQuery: Record<string, Schema> = {
  q: {
    ...text(MAX_SEARCH),
    description: 'Part of a name, prefix, user id or description, or a key id; never a key',
  },
  service_id: several(serviceId, MAX_VALUES),
  user_id: several(text(MAX_USER_ID), MAX_VALUES),
  environment: several(environment, MAX_VALUES),
  status: several({ type: 'string', enum: KEY_STATUSES }, MAX_VALUES),
  key_prefix: text(64),
  is_active: { type: 'string', enum: ['true', 'false'] },
  expires_before: time,
  expires_within: {
    type: 'string',
    pattern: '^[1-9][0-9]{0,4}[mhd]$',
    examples: ['14d'],
    description: 'Of active keys',
  },
  unused_since: { ...time, description: 'Neither used nor made since' },
  sort: { type: 'string', enum: KEY_SORTS, default: 'created_at' },
  order: {
    type: 'string',
    enum: ['asc', 'desc'],
    description: 'Times of creation and of last use begin with the latest, all else with the smallest',
  },
};
