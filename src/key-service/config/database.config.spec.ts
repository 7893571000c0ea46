import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError, loadConfigs } from '../../platform/config/env.js';
import { DatabaseConfig } from './database.config.js';

const dir = mkdtempSync(join(tmpdir(), 'database-config-'));
const TEXT = join(dir, 'notes.txt');
const EMPTY = join(dir, 'empty');
const STORED = join(dir, 'keys.sqlite');

beforeAll(() => {
  writeFileSync(TEXT, 'no database but text');
  writeFileSync(EMPTY, '');
  const database = new DatabaseSync(STORED);
  database.exec('create table t (a)');
  database.close();
});
afterAll(() => rmSync(dir, { recursive: true }));

function problemsOf(url: string): string {
  try {
    loadConfigs({ DATABASE_URL: url }, [DatabaseConfig]);
    return '';
  } catch (error) {
    return (error as ConfigError).problems.join();
  }
}

describe('DATABASE_URL', () => {
  it.each([
    ['a PostgreSQL server', 'postgres://user:secret@db/keys'],
    [
      'a PostgreSQL server by its address',
      'postgresql://user:sec%23ret@[::1]:5432/keys?application_name=a@b',
    ],
    ['a SQLite database', `sqlite:///${STORED}`],
    ['an empty file', `sqlite:///${EMPTY}`],
    ['a file to be made', `sqlite:///${dir}/new.sqlite`],
    ['a file to be made with its folders', `sqlite:///${dir}/deep/er/new.sqlite`],
    ['a relative path', 'sqlite:///.data/no-such-folder/keys.sqlite'],
  ])('may name %s', (_what, url) => expect(problemsOf(url)).toBe(''));

  it.each([
    ['neither engine', 'mysql://user:secret@db/keys', 'must be sqlite:///relative/path'],
    ['a password with #', 'postgres://user:secret#1@db/keys', 'write # as %23'],
    ['a password with /', 'postgres://user:12/secret@db/keys', 'write / as %2F'],
    ['a password with %', 'postgres://user:secret%@db/keys', 'write % as %25'],
    [
      'a PostgreSQL server without a host name',
      'postgres://user:secret@:port/keys',
      'must be a postgres:// URL',
    ],
    ['no path', 'sqlite:///', 'must be sqlite:///relative/path'],
    ['a database in memory', 'sqlite:///:memory:', 'must name a file'],
    ['a database in memory by its URI', 'sqlite:///file:a?mode=memory', 'must name a file'],
    ['a folder', `sqlite:///${dir}`, 'names a folder'],
    ['a folder to be made', `sqlite:///${dir}/new/`, 'names a folder'],
    ['the root', 'sqlite:////', 'names a folder'],
    ['a file that is no database', `sqlite:///${TEXT}`, 'no SQLite database'],
    ['a file below a file', `sqlite:///${TEXT}/keys.sqlite`, 'may not make'],
    ['what is no file', 'sqlite:////dev/null', 'no SQLite database'],
  ])('may not name %s, and says so without naming it', (_what, url, words) => {
    const problems = problemsOf(url);
    expect(problems).toMatch(/^DATABASE_URL /);
    expect(problems).toContain(words);
    expect(problems).not.toMatch(/secret|database-config-|notes/);
  });
});
