import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../support/programs/child-program.js';
import { freshPython } from '../../support/programs/preloaded-python.js';
import { isFullRun } from '../../support/run/full-run.js';
import { sitePackages } from '../../support/programs/site-packages.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const scripts = fileURLToPath(new URL('../../../scripts/prepare', import.meta.url));
const NOWHERE = 'http://127.0.0.1:9';

/** One preparation step in a folder of its own, on a machine without a way to the registries. */
describe('a preparation', () => {
  let dir: TempDir;

  beforeEach(async () => {
    dir = await tempDir('prepare');
  });
  afterEach(() => dir?.remove());

  /** What the person at the terminal reads. */
  async function complaintOf(module: string, call: string, env: Record<string, string>): Promise<string> {
    const script = `import * as step from ${JSON.stringify(join(scripts, module))};
      await step.${call}.catch((error) => console.log(error.constructor.name, error.message));`;
    const program = startProgram(process.execPath, ['--input-type=module', '-e', script, dir.path], { env });
    await expect(program.exited).resolves.toBe(0);
    return program.output();
  }

  /**
   * Variables that name a Python whose new environments have the pip of a made one, in place of a copy that is unpacked and
   * compiled for two seconds. A full run makes them wholly.
   */
  function quickPip(): Record<string, string> {
    if (isFullRun) return {};
    const PYTHON = join(dir.path, 'python');
    const made = freshPython('test-venv');
    const pip = join(sitePackages('test-venv'), 'pip');
    const script = `#!/bin/sh
case "$1 $2 $3" in
"-m venv --clear") "${made}" -m venv --without-pip --clear "$4" && ln -s "${pip}" "$4"/lib/python*/site-packages/ ;;
*) exec "${made}" "$@" ;;
esac
`;
    writeFileSync(PYTHON, script, { mode: 0o755 });
    return { PYTHON };
  }

  it('by pip without a network says that this is the reason, and where all of it stands', async () => {
    mkdirSync(join(dir.path, 'requirements'));
    writeFileSync(join(dir.path, 'requirements', 'mlflow.txt'), 'mlflow==3.17.2\n');
    const said = await complaintOf('python-venv.mjs', "makeVenv(process.argv[1], 'mlflow')", {
      ...quickPip(),
      PIP_CONFIG_FILE: '/dev/null',
      PIP_INDEX_URL: `${NOWHERE}/simple`,
      PIP_RETRIES: '1',
    });
    expect(said).toMatch(/Complaint pip could not install requirements\/mlflow\.txt:\n.*Connection refused/);
    expect(said).toMatch(/ERROR: No matching distribution[\s\S]+\.cache\/prepare\.log; the next run repeats/);
    expect(readFileSync(join(dir.path, '.cache', 'prepare.log'), 'utf8')).toContain('mlflow==3.17.2');
  });

  it('by a Python without its module for virtual environments names the package to install, before any download', async () => {
    mkdirSync(join(dir.path, 'requirements'));
    writeFileSync(join(dir.path, 'requirements', 'mlflow.txt'), 'mlflow\n');
    // As Debian's python3 is without python3-venv.
    const python = join(dir.path, 'python-of-debian');
    writeFileSync(python, '#!/bin/sh\necho 3 13 False\n', { mode: 0o755 });
    const said = await complaintOf('python-venv.mjs', "requirePython(process.argv[1], 'mlflow')", {
      PYTHON: python,
      PATH: dir.path,
    });
    expect(said).toMatch(
      /^Complaint The Python here cannot make [^\n]+apt-get install python3-venv\)[^\n]+\n$/,
    );
  });

  it('uses the environment of another checkout that shares its cache by a link, and leaves it alone', async () => {
    const made = join(dir.path, 'first', '.cache');
    for (const checkout of ['first', 'second']) {
      mkdirSync(join(dir.path, checkout, 'requirements'), { recursive: true });
      writeFileSync(join(dir.path, checkout, 'requirements', 'mlflow.txt'), '# nothing\n');
    }
    const step = (checkout: string): string => `makeVenv(process.argv[1] + '/${checkout}', 'mlflow')`;
    await complaintOf('python-venv.mjs', step('first'), quickPip());
    const stamp = join(made, 'mlflow-venv', '.prepared');
    const madeAtMs = statSync(stamp).mtimeMs;
    symlinkSync(made, join(dir.path, 'second', '.cache'));
    await expect(complaintOf('python-venv.mjs', step('second'), {})).resolves.toBe('');
    expect(statSync(stamp).mtimeMs).toBe(madeAtMs);
  });

  it('by npm without a network says so too, without the stack of npm itself', async () => {
    const wanted = { name: 'x', version: '1.0.0', dependencies: { 'is-odd': '3.0.1' } };
    writeFileSync(join(dir.path, 'package.json'), JSON.stringify(wanted));
    const packages = {
      '': wanted,
      'node_modules/is-odd': {
        version: '3.0.1',
        resolved: `${NOWHERE}/is-odd/-/is-odd-3.0.1.tgz`,
        integrity: `sha512-${Buffer.alloc(64).toString('base64')}`,
      },
    };
    const lock = { name: 'x', version: '1.0.0', lockfileVersion: 3, packages };
    writeFileSync(join(dir.path, 'package-lock.json'), JSON.stringify(lock));
    const said = await complaintOf('node-modules.mjs', 'installNodeModules(process.argv[1])', {
      npm_config_registry: NOWHERE,
      npm_config_cache: join(dir.path, 'npm-cache'),
      npm_config_fetch_retries: '0',
    });
    expect(said).toMatch(/Complaint npm ci failed:\nnpm error [\s\S]*ECONNREFUSED/);
    expect(said).not.toMatch(/npm error +at /);
    expect(said).toContain('prepare.log; the next run repeats this step.');
  });
});
