import { facetsOf } from './key-facets.js';
import type { KeyTally } from './key-list.repository.js';

function tally(service_id: string, environment: string, total: number, active = total): KeyTally {
  const counts = { total, active, rotated: 1, expired: total - active, revoked: 0, expiring: 2, unused: 3 };
  return { service_id, environment, ...counts };
}

describe('facets of keys', () => {
  it('are sums over all services and environments', () => {
    expect(facetsOf([tally('a', 'production', 5, 4), tally('b', 'staging', 7)])).toMatchObject({
      total: 12,
      by_status: { active: 11, rotated: 2, expired: 1, revoked: 0 },
      expire_within_14_days: 4,
      unused_for_30_days: 6,
    });
  });

  it('name services and environments with most keys first, and in the order of their names', () => {
    const { services, environments } = facetsOf([
      tally('b', 'production', 2),
      tally('c', 'production', 1),
      tally('c', 'staging', 3, 1),
      tally('a', 'staging', 2),
    ]);
    expect(services).toEqual([
      { value: 'c', keys: 4, active: 2 },
      { value: 'a', keys: 2, active: 2 },
      { value: 'b', keys: 2, active: 2 },
    ]);
    expect(environments.map(({ value, keys }) => [value, keys])).toEqual([
      ['staging', 5],
      ['production', 3],
    ]);
  });

  it('name 200 services at most, and count all', () => {
    const { total, services } = facetsOf(
      Array.from({ length: 300 }, (_, n) => tally(`s${n}`, 'production', 1)),
    );
    expect([total, services.length]).toEqual([300, 200]);
  });

  it('are empty if there is no key', () => {
    expect(facetsOf([])).toMatchObject({ total: 0, services: [], environments: [] });
  });
});
