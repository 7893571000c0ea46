import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src', path));
const records = readdirSync(join(ROOT, 'docs/decisions'));

/** Sections of every record; what was measured may stand between them. */
const PARTS = ['## Context', '## Decision', '## Consequences', '## Alternatives'];

describe('decision records', () => {
  it('have a number of their own', () => {
    const numbers = records.map((name) => name.slice(0, 4));
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  });

  it('that the code names exist', () => {
    const named = sources.flatMap((path) =>
      [...readFileSync(join(ROOT, path), 'utf8').matchAll(/docs\/decisions\/[\w-]+\.md/g)].map(
        ([name]) => name,
      ),
    );
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it.each(records)('%s has a title with its number, and has its four sections in their order', (name) => {
    const lines = readFileSync(join(ROOT, 'docs/decisions', name), 'utf8').split('\n');
    expect(lines[0]).toMatch(new RegExp(`^# ${name.slice(0, 4)}\\. \\S`));
    const parts = lines.filter((line) => PARTS.includes(line));
    expect(parts).toEqual(PARTS);
  });
});
