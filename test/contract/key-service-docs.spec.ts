import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENTS } from '../../src/contracts/keys/key-management.js';
import { OPERATIONS } from '../../src/key-service/openapi/operations.js';
import { generateKey } from '../../src/lib/keys/key-format.js';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/key-service.md'), 'utf8');

describe('docs/key-service.md', () => {
  it('publishes an expression that finds issued keys in any text, and nothing of another length', () => {
    const found = new RegExp(/`(\\bhk_[^`]+)`/.exec(page)?.[1] ?? 'nothing published', 'g');
    const keys = ENVIRONMENTS.map(generateKey);
    const text = `token=${keys[0]} "${keys[1]}", ${keys[2]}. hk_live_short ${keys[0]}x`;
    expect(text.match(found)).toEqual(keys);
  });

  it('shows every operation of the service', () => {
    const shown = page.replaceAll('$URL', '/api/v1').replace(/\$ID|\$POLICY|(?<=services\/)trial/g, '{id}');
    const paths = new Set(
      OPERATIONS.map(({ path }) => path.replace(/\{(?:key_id|service_id|policy_id)\}/, '{id}')),
    );
    expect([...paths].filter((path) => !shown.includes(path))).toEqual([]);
  });

  it('names every reason for which the import leaves a row out', () => {
    const source = readFileSync(join(ROOT, 'src/key-service/legacy-import/legacy-row.ts'), 'utf8');
    const type = /type LegacyRefusal =([^;]+);/.exec(source)?.[1] ?? '';
    const reasons = [...type.matchAll(/'([a-z0-9-]+)'/g)].map(([, reason]) => reason);
    expect(reasons.length).toBeGreaterThan(5);
    expect(reasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
  });
});
