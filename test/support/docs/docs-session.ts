import { execFile, spawn } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, type PageBlock, type Setup } from './docs-blocks.js';
import { packSdk, type PackedSdk } from '../programs/packed-sdk.js';
import { freshPython, pythonExecutable } from '../programs/preloaded-python.js';
import { startSystem, type StartedSystem } from '../systems/started-system.js';
import { tempDir, type TempDir } from '../lib/temp-dir.js';

const PAGE_TIMEOUT_MS = 150_000;

/** What a reader of the docs has on the machine: the started system, the programs, and the installed SDK. */
export class DocsSession {
  private constructor(
    private readonly system: StartedSystem,
    private readonly sdk: PackedSdk,
    private readonly dir: TempDir,
    private readonly serviceToken: string,
  ) {}

  static async start(): Promise<DocsSession> {
    const [system, sdk, dir] = await Promise.all([startSystem(), packSdk(), tempDir('docs')]);
    const serviceToken = await readFile(join(system.dataDir, 'secrets/gateway-service-token'), 'utf8');
    const session = new DocsSession(system, sdk, dir, serviceToken.trim());
    await session.addPrograms();
    return session;
  }

  /**
   * Runs blocks of one page in order in one shell, in a folder of the page's own.
   * @returns what each of them printed
   * @throws Error naming the block that failed, with all that was printed
   */
  async run(blocks: readonly PageBlock[]): Promise<string[]> {
    const cwd = join(this.dir.path, blocks[0]?.page.replaceAll('/', '-') ?? 'page');
    await cp(this.sdk.consumer, cwd, { recursive: true });
    await promisify(execFile)('bash', ['-c', REPOSITORY], { cwd });
    const { api_key: key } = await this.newKey();
    // A page may revoke the key that it names by its id, and go on with the reader's own.
    const { key_id: keyId } = await this.newKey();
    const fill = (code: string): string => this.filled(code, key, keyId);
    const lines = ['exec 2>&1'];
    let setup: Setup | undefined;
    for (const { fate, language, code, line } of blocks) {
      if (fate?.kind !== 'run') throw new Error('only blocks that are to be run');
      if (fate.setup !== 'as before' && fate.setup !== setup)
        lines.push(...exportsOf(this.environment(fate.setup, key)));
      setup = fate.setup;
      // A block that says what it shows may show a refusal; any other one must be answered with success.
      lines.push(`export DOCS_CURL=${fate.shows.length > 0 ? '' : '--fail-with-body'}`);
      lines.push(`printf '\\n::block %s\\n' ${line}`);
      const [extension, command] = PROGRAMS[language] ?? [];
      if (extension === undefined) lines.push(fill(code));
      else {
        await writeFile(join(cwd, `block-${line}.${extension}`), fill(code));
        lines.push(`${command} block-${line}.${extension}`);
      }
    }
    const { exitCode, output } = await this.bash(lines.join('\n'), cwd);
    const parts = output.split(/^::block \d+\n/m).slice(1);
    const last = blocks[parts.length - 1];
    if (exitCode !== 0)
      throw new Error(`${last?.page}:${last?.line} ended with ${exitCode}:\n${output.slice(-6000)}`);
    return parts;
  }

  async close(): Promise<void> {
    await this.system.close();
    await this.sdk.remove();
    await this.dir.remove();
  }

  /** Puts the started system's addresses and a fresh key where a page has examples of them. */
  private filled(code: string, key: string, keyId: string): string {
    const { gateway, keyService, adminToken, mlflowUrl, dataDir } = this.system;
    const values: [RegExp, string][] = [
      [/https:\/\/(?:mlflow|registry)\.example(?:\.com)?/g, gateway.url],
      [/https:\/\/keys\.example\.com/g, keyService.url],
      [/http:\/\/127\.0\.0\.1:8001/g, gateway.url],
      [/http:\/\/127\.0\.0\.1:8000/g, keyService.url],
      [/http:\/\/127\.0\.0\.1:5000/g, mlflowUrl],
      [/<your API key>|hk_live_…/g, key],
      [/<admin token>|(?<=HOKUSAI_ADMIN_TOKEN=)…/g, adminToken],
      [/<key-id>|641967f8-f229-4e3a-97ba-7515352ab293/g, keyId],
      [/(?<![\w/])\.data\//g, `${dataDir}/`],
    ];
    return values.reduce((text, [pattern, value]) => text.replace(pattern, value), code);
  }

  private environment(setup: Exclude<Setup, 'as before'>, key: string): Record<string, string | undefined> {
    const { gateway, keyService, adminToken } = this.system;
    const isUser = setup !== 'nothing';
    const isAdministrator = setup === 'administrator';
    return {
      MLFLOW_TRACKING_URI: isUser ? `${gateway.url}/api/mlflow` : undefined,
      MLFLOW_TRACKING_TOKEN: isUser ? key : undefined,
      HOKUSAI_AUTH_SERVICE_URL: isAdministrator ? keyService.url : undefined,
      HOKUSAI_ADMIN_TOKEN: isAdministrator ? adminToken : undefined,
      KEY: isAdministrator ? key : undefined,
      SERVICE_TOKEN: isAdministrator ? this.serviceToken : undefined,
    };
  }

  private async newKey(): Promise<{ api_key: string; key_id: string }> {
    const { keyService, adminToken } = this.system;
    const answer = await fetch(`${keyService.url}/api/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'a page of the docs', service_id: 'ml-platform' }),
    });
    return (await answer.json()) as { api_key: string; key_id: string };
  }

  private async addPrograms(): Promise<void> {
    const bin = join(this.dir.path, 'bin');
    await mkdir(bin);
    const python = await pythonExecutable();
    const hokusai = `${process.execPath} ${join(ROOT, 'scripts/hokusai.mjs')}`;
    const programs = {
      python: `exec ${python} "$@"`,
      python3: `exec ${python} "$@"`,
      curl: `exec ${await which('curl')} $DOCS_CURL "$@"`,
      mlflow: `exec ${python} ${join(freshPython(), '../mlflow')} "$@"`,
      node: `exec ${process.execPath} --no-warnings "$@"`,
      hokusai: `exec ${hokusai} "$@"`,
      npx: `[ "$1" = hokusai ] || exit 64; shift; exec ${hokusai} "$@"`,
    };
    for (const [name, line] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${line}\n`);
      await chmod(join(bin, name), 0o755);
    }
  }

  private bash(script: string, cwd: string): Promise<{ exitCode: number; output: string }> {
    const child = spawn('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', script], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PAGE_TIMEOUT_MS,
      env: {
        PATH: [join(this.dir.path, 'bin'), process.env['PATH']].join(delimiter),
        HOME: cwd,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        GIT_PYTHON_REFRESH: 'quiet',
        PYTHONWARNINGS: 'ignore',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ exitCode: code ?? -1, output }));
    });
  }
}

/** Readers run commands in a repository of theirs. */
const REPOSITORY =
  'git init -q && git -c user.name=reader -c user.email=reader@example.com commit -q --allow-empty -m begin';

/** Extension of a file with a block of this language, and what runs it; a shell runs the others itself. */
const PROGRAMS: Readonly<Record<string, readonly [string, string]>> = {
  python: ['py', 'python'],
  ts: ['mts', 'node'],
  js: ['mjs', 'node'],
};

async function which(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `command -v ${program}`]);
  return stdout.trim();
}

function exportsOf(environment: Record<string, string | undefined>): string[] {
  return Object.entries(environment).map(([name, value]) =>
    value === undefined ? `unset ${name}` : `export ${name}='${value}'`,
  );
}
