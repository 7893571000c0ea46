import { existsSync } from 'node:fs';
import { join } from 'node:path';
import longOnes from '../../support/long-specs.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../../..');

it('every test file that is to begin first is there, and named once', () => {
  expect(longOnes.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(new Set(longOnes).size).toBe(longOnes.length);
});
