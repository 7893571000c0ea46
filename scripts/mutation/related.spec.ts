import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import longSpecs from '../../test/support/run/long-specs.json' with { type: 'json' };
import { removeFolders, workFolder } from '../../test/support/lib/temp-dir.js';
import { byRelation, integrationTestsOf } from './related.js';

const root = workFolder('related');
const write = (path: string, text: string): string => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
  return path;
};

afterAll(removeFolders);

describe('tests in the order of what they have to do with a source', () => {
  it('begin with those that share its rare words, in whatever spelling', () => {
    const source = write('src/shut.ts', 'wait(config.drainDelaySeconds); return true;');
    const tests = [
      write('a.spec.ts', 'expect(true); expect(true); wait();'),
      write('b.spec.ts', `env = { DRAIN_DELAY_SECONDS: '1' }; expect(true);`),
      write('c.spec.ts', 'expect(true);'),
    ];
    expect(byRelation(root, source, tests)[0]).toBe('b.spec.ts');
  });

  it.each([
    ['src/gateway/access/search/answer-filter.ts', 'access/searches'],
    ['src/gateway/authz/original-request.ts', 'authz/decisions'],
    ['src/gateway/browser/ended-sessions.ts', 'browser/sessions'],
    ['src/gateway/mlflow-proxy/upstream/lanes.ts', 'proxy/fair-share'],
    ['src/gateway/mlflow-proxy/answers/compressed-static-files.ts', 'browser/static-cache'],
    ['src/key-service/console/sign-in/console-requests.ts', 'console/screens'],
    ['src/key-service/usage/records/used-rows.ts', 'usage/used-resources'],
    ['src/platform/redis/redis-subscription.ts', 'redis/subscribe'],
    ['src/platform/run-program.ts', 'server/gateway-process'],
  ])('for %s have %s among them', (source, spec) => {
    expect(integrationTestsOf(process.cwd(), source, 16)).toContain(`test/integration/${spec}.spec.ts`);
  });

  it('begin with those that are about what imports it', () => {
    const source = write('src/tally.ts', 'export const up = 1;');
    write('src/greeting.ts', `import { up } from './tally.js'; hello();`);
    const tests = [write('d.spec.ts', 'farewell();'), write('e.spec.ts', 'hello();'), write('f.spec.ts', '')];
    expect(byRelation(root, source, tests)[0]).toBe('e.spec.ts');
  });

  it('are those that start servers, and end with those that take long', () => {
    const tests = integrationTestsOf(process.cwd(), 'src/platform/run-program.ts', 16);
    expect(tests).toHaveLength(16);
    expect(tests.filter((path) => /integration\/(?:bench|deployment|docker)\//.test(path))).toEqual([]);
    expect(Object.values(longSpecs).flat()).toContain(tests.at(-1));
  });
});
