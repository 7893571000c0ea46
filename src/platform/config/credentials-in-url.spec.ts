import { unencodedCredentials } from './credentials-in-url.js';

const problem = (text: string, queryMay = true): string | undefined =>
  unencodedCredentials(text, { queryMay });

it.each([
  'postgres://db/keys',
  'postgres://user:secret@db/keys',
  'postgres://user:p%23%2F%3F%25%40@db:5432/keys',
  'postgres://user:p@ss@db/keys',
  'postgres://db/keys?application_name=a@b',
  'postgres://user:secret@db/keys?options=a@b/c#d',
  'postgres://db:5432/keys?user=a%40b&password=x@y',
  'redis://:secret@[::1]:6379/0',
  'redis://redis',
  'no url at all',
])('nothing is wrong with %s', (text) => expect(problem(text)).toBeUndefined());

it.each([
  ['#', 'postgres://user:se#cret@db/keys'],
  ['#', 'redis://:#secret@redis:6379'],
  ['/', 'postgres://user:se/cret@db/keys'],
  ['/', 'postgres://user:12/34@db:5432/keys'],
  ['/', 'redis://:12/34@redis'],
  ['/', 'postgres://us/er:secret@db/keys'],
  ['?', 'postgres://user:se?cret@db/keys'],
  ['?', 'redis://:?@redis'],
  ['%', 'postgres://user:100%@db/keys'],
  ['%', 'redis://:%zz@redis'],
  ['%', 'redis://%ff:secret@redis'],
])('an unencoded %s is named in %s', (character, text) => {
  const words = problem(text) ?? '';
  expect(words).toContain(`write ${character} as %`);
  expect(words).not.toMatch(/secret|user:|cret/);
});

it('an @ in a query counts as part of the password if such URLs have no query', () => {
  expect(problem('redis://:a?b=c@redis', false)).toContain('write ? as %3F');
});
