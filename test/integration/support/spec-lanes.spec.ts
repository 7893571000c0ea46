import { existsSync } from 'node:fs';
import { join } from 'node:path';
import lanes from '../../support/run/long-specs.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../../..');
const named = Object.values(lanes).flat();

it('every test file that is to begin first is there, and named once', () => {
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});
