import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src', path));
const records = readdirSync(join(ROOT, 'docs/decisions'));

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

  it.each(['context', 'decision', 'consequences', 'alternatives'])('all state their %s', (part) => {
    const heading = new RegExp(`^(?:\\*\\*|## )${part}`, 'im');
    const without = records.filter(
      (name) => !heading.test(readFileSync(join(ROOT, 'docs/decisions', name), 'utf8')),
    );
    expect(without).toEqual([]);
  });
});
