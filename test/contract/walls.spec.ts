import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import walls from '../../dependency-cruiser.config.mjs';
import { removeFolders, workFolder } from '../support/lib/temp-dir.js';

/** A source tree of one-line files that import one another, and an importable package of each kind. */
class Tree {
  readonly root = workFolder('walls');
  private count = 0;

  constructor() {
    this.write('package.json', '{"type":"module"}');
    this.write('tsconfig.json', '{"compilerOptions":{"module":"nodenext","moduleResolution":"nodenext"}}');
    for (const name of ['@nestjs/common', 'undici']) {
      this.write(
        `node_modules/${name}/package.json`,
        `{"name":"${name}","version":"1.0.0","main":"index.js"}`,
      );
      this.write(`node_modules/${name}/index.js`, '');
    }
  }

  /** @returns the path of a new file in a folder of `src/` that imports `target`: a path below `src/`, or a package */
  file(folder: string, target: string, typeOnly = false): string {
    const path = `src/${folder}/probe${this.count++}.ts`;
    const isPath = target.endsWith('.ts');
    if (isPath) this.write(`src/${target}`, 'export interface Shape {}\n');
    const from = isPath ? `./${relative(dirname(path), `src/${target}`).replace(/\.ts$/, '.js')}` : target;
    this.write(
      path,
      typeOnly
        ? `import type { Shape } from '${from}';\nexport type Other = Shape;\n`
        : `import '${from}';\n`,
    );
    return path;
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** What lint would say of the tree: the importing file of each violation. */
  async violations(): Promise<Set<string>> {
    const { output } = await cruise(['src'], {
      ...walls.options,
      tsConfig: { fileName: join(this.root, 'tsconfig.json') },
      baseDir: this.root,
      validate: true,
      ruleSet: { forbidden: walls.forbidden },
    });
    const { summary } = output as ICruiseResult;
    return new Set(summary.violations.map(({ from }) => from));
  }
}

const REFUSED: readonly [string, string][] = [
  ['contracts', 'lib/keys/secrets.ts'],
  ['contracts', 'node:crypto'],
  ['contracts/access', 'contracts/keys/key-facts.ts'],
  ['lib', 'platform/clock.ts'],
  ['lib', '@nestjs/common'],
  ['platform', 'gateway/gateway.app.ts'],
  ['platform/redis', 'platform/http/listening.ts'],
  ['gateway', 'key-service/key-service.app.ts'],
  ['gateway/auth', 'key-service/key-service.app.ts'],
  ['gateway/rate-limit', 'gateway/auth/credential.ts'],
  ['gateway/mlflow-proxy', 'gateway/auth/facts/known-keys.ts'],
  ['gateway/mlflow-proxy', 'gateway/browser/browser-sessions.ts'],
  ['gateway/auth', 'gateway/browser/session-paths.ts'],
  ['platform/browser', 'platform/http/listening.ts'],
  ['gateway/auth/auth-service', 'gateway/mlflow-proxy/headers/traceparent.ts'],
  ['gateway/mlflow-proxy', 'gateway/access/access.metrics.ts'],
  ['gateway/room-without-a-line', 'contracts/http/routes.ts'],
  ['key-service', 'gateway/gateway.app.ts'],
  ['key-service/hashing', 'key-service/keys/keys.service.ts'],
  ['sdk', 'platform/clock.ts'],
  ['sdk', 'node:fs'],
  ['sdk', 'undici'],
  ['sdk/http', 'sdk/mlflow/mlflow-client.ts'],
  ['console', 'platform/clock.ts'],
  ['console', 'key-service/key-service.app.ts'],
  ['console', 'node:fs'],
  ['console', 'undici'],
  ['key-service', 'console/main.ts'],
  ['cli', 'contracts/http/routes.ts'],
  ['cli', 'key-service/key-service.app.ts'],
  ['cli/io', 'cli/commands/auth.command.ts'],
];

const ALLOWED: readonly [string, string][] = [
  ['contracts/keys', 'contracts/access/grants.ts'],
  ['lib', 'contracts/http/routes.ts'],
  ['lib', 'node:crypto'],
  ['platform', 'lib/keys/secrets.ts'],
  ['gateway/auth', 'platform/clock.ts'],
  ['gateway/auth/facts', 'gateway/rate-limit/rate-limit.metrics.ts'],
  ['gateway/rate-limit', 'gateway/principal/principal.ts'],
  ['gateway', '@nestjs/common'],
  ['sdk', 'contracts/http/routes.ts'],
  ['console', 'contracts/http/routes.ts'],
  ['console', 'lib/keys/secrets.ts'],
  ['cli', 'sdk/index.ts'],
  ['cli', 'node:fs'],
];

describe('the walls between rooms', () => {
  const tree = new Tree();
  const refused = REFUSED.map(([room, from]) => ({ room, from, path: tree.file(room, from) }));
  const typeOnly = tree.file('gateway/rate-limit', 'gateway/auth/verdict.ts', true);
  const allowed = ALLOWED.map(([room, from]) => ({ room, from, path: tree.file(room, from) }));
  tree.write('src/lib/one.ts', "import type { Two } from './two.js';\nexport type One = Two;\n");
  tree.write('src/lib/two.ts', "import type { One } from './one.js';\nexport type Two = One;\n");
  let found: Set<string>;
  afterAll(removeFolders);
  beforeAll(async () => {
    found = await tree.violations();
  });

  it.each(refused)('src/$room may not import $from', ({ path }) => expect(found).toContain(path));
  it.each(allowed)('src/$room may import $from', ({ path }) => expect(found).not.toContain(path));
  it('hold for imports of types too', () => expect(found).toContain(typeOnly));
  it('know no circle, also not one of types alone', () => expect(found).toContain('src/lib/one.ts'));
});
