import { ESLint } from 'eslint';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Lints one import as if it stood in a file of a room. */
async function refused(room: string, from: string): Promise<boolean> {
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: { languageOptions: { parserOptions: { projectService: false, project: null } } },
    ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-imports',
  });
  const [result] = await eslint.lintText(`import '${from}';\n`, {
    filePath: join(ROOT, `src/${room}/probe.ts`),
  });
  return result?.messages.some(({ ruleId }) => ruleId === 'no-restricted-imports') ?? false;
}

describe('the walls between rooms', () => {
  it.each([
    ['contracts', '../lib/secrets.js'],
    ['contracts', 'node:crypto'],
    ['lib', '../platform/clock.js'],
    ['lib', '@nestjs/common'],
    ['platform', '../gateway/gateway.app.js'],
    ['gateway', '../key-service/key-service.app.js'],
    ['gateway/auth', '../../key-service/key-service.app.js'],
    ['gateway/rate-limit', '../auth/credential.js'],
    ['gateway/mlflow-proxy', '../auth/facts/known-keys.js'],
    ['gateway/auth/service', '../../mlflow-proxy/traceparent.js'],
    ['key-service', '../gateway/gateway.app.js'],
    ['sdk', '../platform/clock.js'],
    ['sdk', 'node:fs'],
    ['sdk', 'undici'],
    ['cli', '../contracts/routes.js'],
    ['cli', '../key-service/key-service.app.js'],
  ])('src/%s may not import %s', async (room, from) => expect(await refused(room, from)).toBe(true));

  it.each([
    ['lib', '../contracts/routes.js'],
    ['lib', 'node:crypto'],
    ['platform', '../lib/secrets.js'],
    ['gateway/auth', '../../platform/clock.js'],
    ['gateway/auth/facts', '../../rate-limit/failed-auth-limiter.js'],
    ['gateway/rate-limit', '../principal/principal.js'],
    ['gateway', '@nestjs/common'],
    ['sdk', '../contracts/routes.js'],
    ['cli', '../sdk/index.js'],
    ['cli', 'node:fs'],
  ])('src/%s may import %s', async (room, from) => expect(await refused(room, from)).toBe(false));
});
