import { changesNothing, describeChanges, touchesFacts } from './key-changeset.js';
import type { KeyRecord } from '../records/key-record.js';

const RECORD: KeyRecord = {
  id: '0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11',
  prefix: 'hk_live_abcd',
  name: 'training',
  userId: null,
  serviceId: 'ml-platform',
  serviceIds: ['ml-platform'],
  environment: 'production',
  scopes: ['model:read'],
  ratePerHour: 100,
  burst: null,
  searchesPerMinute: null,
  writesPerMinute: null,
  allowedIps: ['10.0.0.0/8'],
  grants: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-02T00:00:00.000Z',
  lastUsedAt: null,
  revokedAt: null,
  active: true,
  rotatedToId: null,
  rotatedFromId: null,
  description: null,
  createdBy: null,
  revokedBy: null,
  revokeReason: null,
};

it('fields that were not given change nothing; null and an empty list do', () => {
  expect(changesNothing({})).toBe(true);
  expect(changesNothing({ name: undefined, burst: undefined })).toBe(true);
  expect(changesNothing({ burst: null })).toBe(false);
  expect(changesNothing({ scopes: [] })).toBe(false);
});

it.each([
  [{ name: 'serving' }, false],
  [{ scopes: [] }, true],
  [{ ratePerHour: null }, true],
  [{ burst: 1 }, true],
  [{ searchesPerMinute: 1 }, true],
  [{ writesPerMinute: null }, true],
  [{ grants: null }, true],
  [{ name: 'serving', burst: undefined }, false],
  [{ allowedIps: null }, true],
  [{ name: 'serving', burst: 1 }, true],
])('whether gateways are notified of %j: %s', (changeset, expected) => {
  expect(touchesFacts(changeset)).toBe(expected);
});

describe('the description of a change', () => {
  it('has each field that differs, by its name on the wire, and no other', () => {
    const after = { ...RECORD, name: 'serving', scopes: ['model:read', 'model:write'], allowedIps: null };
    expect(describeChanges(RECORD, after)).toEqual({
      name: { from: 'training', to: 'serving' },
      scopes: { from: ['model:read'], to: ['model:read', 'model:write'] },
      allowed_ips: { from: ['10.0.0.0/8'], to: null },
    });
  });

  it('is empty for an equal record, at any time', () => {
    expect(describeChanges(RECORD, structuredClone(RECORD))).toEqual({});
  });
});
