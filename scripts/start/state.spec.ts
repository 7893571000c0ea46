import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openState } from './state.ts';

describe('what stays between two starts', () => {
  let dir: string;

  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), 'state-')), 'data');
  });

  afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  it('is a folder that no other user may enter', () => {
    openState(dir);
    expect(mode(dir)).toBe('700');
  });

  it('keeps a secret once made, in a file of mode 600', () => {
    const secret = openState(dir).secret('admin-token');
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(openState(dir).secret('admin-token')).toBe(secret);
    expect(mode(openState(dir).secretFile('admin-token'))).toBe('600');
  });

  it('makes a secret again if a start was stopped while writing it', () => {
    const state = openState(dir);
    writeFileSync(state.secretFile('key-pepper'), '');
    const secret = state.secret('key-pepper');
    expect(readFileSync(state.secretFile('key-pepper'), 'utf8').trim()).toBe(secret);
  });

  it('moves a large log aside and goes on with a new one', () => {
    const state = openState(dir);
    const file = state.logFile('gateway');
    writeFileSync(file, '');
    truncateSync(file, 21 * 1024 * 1024);
    expect(state.logFile('gateway')).toBe(file);
    expect(statSync(`${file}.1`).size).toBe(21 * 1024 * 1024);
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('says in one sentence that the folder cannot be used', () => {
    writeFileSync(dir, 'a file in its place');
    expect(() => openState(dir)).toThrow(/^The data folder .+ cannot be used: /);
  });

  it('says so too of a folder that the system takes for absent whoever makes it', () => {
    const state = fileURLToPath(new URL('state.ts', import.meta.url));
    const opens = `import(${JSON.stringify(state)}).then(({ openState }) => openState('/proc/none/data'))`;
    const { signal, stderr } = spawnSync(process.execPath, ['-e', opens], {
      timeout: 10_000,
      encoding: 'utf8',
    });
    expect(signal).toBeNull();
    expect(stderr).toContain('The data folder /proc/none/data cannot be used: ENOENT');
  });
});
