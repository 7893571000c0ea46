import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_ENVIRONMENT_WORDS, KEY_ISSUER } from '../../src/contracts/keys/key-management.js';
import { generateKey, isMistypedKey } from '../../src/lib/keys/key-format.js';
import { OWN_KEY_TAIL_LENGTH } from '../../src/lib/keys/key-pattern.js';
import { docsPages, readPage } from '../support/docs/docs-blocks.js';

const ROOT = join(import.meta.dirname, '../..');
/** Of tokens and keys that other services issue, what a leak would look like. */
const FOREIGN =
  /\b(?:ghp_[0-9A-Za-z]{36}|AKIA[0-9A-Z]{16}|sk-[0-9A-Za-z]{32,}|npm_[0-9A-Za-z]{36})\b|BEGIN [A-Z ]*PRIVATE KEY/;

/** The pattern that the documentation gives to those who run secret scanners. */
function documentedPattern(): RegExp {
  const page = readFileSync(join(ROOT, 'docs/authentication.md'), 'utf8');
  const pattern = /^\\bhk_.+$/m.exec(page)?.[0];
  if (pattern === undefined) throw new Error('docs/authentication.md gives no pattern');
  return new RegExp(pattern, 'g');
}

describe('keys and secret scanners', () => {
  it.each(['production', 'staging', 'development'] as const)(
    'the documented pattern finds every key that is issued for %s',
    (environment) => {
      for (let n = 0; n < 50; n++) {
        const key = generateKey(environment);
        expect(`export TOKEN='${key}'`.match(documentedPattern())).toEqual([key]);
      }
    },
  );

  it('every page that gives a pattern gives the same, as it follows from how keys are made', () => {
    const words = Object.values(KEY_ENVIRONMENT_WORDS).join('|');
    const wanted = `\\b${KEY_ISSUER}_(${words})_[0-9A-Za-z]{${OWN_KEY_TAIL_LENGTH}}\\b`;
    const given = docsPages().flatMap((page) =>
      [...readPage(page).matchAll(/\\b\w+_\([^)]+\)_\[0-9A-Za-z\]\{\d+\}\\b/g)].map(([pattern]) => ({
        page,
        pattern: pattern.replace('?:', ''),
      })),
    );
    expect(given.length).toBeGreaterThan(4);
    expect(given.filter(({ pattern }) => pattern !== wanted)).toEqual([]);
  });

  it('no file of the project holds what looks like a living key', () => {
    const found = projectFiles().filter((file) => {
      const text = readFileSync(file, 'utf8');
      return FOREIGN.test(text) || (text.match(documentedPattern()) ?? []).some((key) => !isMistypedKey(key));
    });
    expect(found).toEqual([]);
  });
});

/** Everything but what is installed, built or generated at run time. */
function projectFiles(): string[] {
  const generated = /^(node_modules|dist.*|coverage|\.(git|cache|data|schemathesis))$/;
  const top = readdirSync(ROOT, { withFileTypes: true }).filter(({ name }) => !generated.test(name));
  const inside = top
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(ROOT, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
  return [...inside, ...top.filter((entry) => entry.isFile()).map(({ name }) => join(ROOT, name))].filter(
    (file) => !/\.(env|log|tgz)$/.test(file),
  );
}
