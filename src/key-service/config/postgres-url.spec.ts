import { postgresUrlProblems } from './postgres-url.js';

it.each(['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'])(
  'sslmode=%s is taken',
  (mode) => expect(postgresUrlProblems(`postgres://db/keys?sslmode=${mode}`)).toEqual([]),
);

it.each(['banana', 'REQUIRE', ''])('sslmode=%s is not ignored', (mode) => {
  expect(postgresUrlProblems(`postgres://u:secret@db/keys?sslmode=${mode}`)).toEqual([
    'DATABASE_URL must have one of these as sslmode: disable, prefer, require, verify-ca, verify-full, no-verify',
  ]);
});

it.each(['sslrootcert', 'sslcert', 'sslkey'])(
  'a file that %s names and that cannot be read is told',
  (name) => {
    expect(postgresUrlProblems(`postgres://db/keys?${name}=/nowhere/at/all.pem`)).toEqual([
      `DATABASE_URL names a file as ${name} that this process cannot read`,
    ]);
    expect(postgresUrlProblems(`postgres://db/keys?${name}=${import.meta.filename}`)).toEqual([]);
  },
);
