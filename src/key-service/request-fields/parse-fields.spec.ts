import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { ProblemError } from '../../lib/http/problem-error.js';
import { IsPlainText } from './field-validators.js';
import { invalidFields, parseFields } from './parse-fields.js';

class Fields {
  @IsPlainText(5)
  name!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(9)
  burst?: number;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(2)
  @IsIn(['read', 'write'], { each: true })
  scopes?: string[];

  @IsOptional()
  @IsPlainText(5)
  to?: string;
}

function refusalOf(value: unknown): ProblemError {
  try {
    parseFields(value, Fields);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('not refused');
}

it('what is right comes back as it was sent', () => {
  const sent = { name: 'n', burst: 9, scopes: ['read'] };
  const parsed = parseFields(sent, Fields);
  expect(parsed).toBeInstanceOf(Fields);
  expect({ ...parsed }).toEqual(sent);
});

const NAME =
  'must be a string of 1 to 5 characters of valid UTF-8, one of them visible, without control characters';

it.each([
  ['an array', [], [['body', 'must be a JSON object']]],
  ['null', null, [['body', 'must be a JSON object']]],
  ['a missing field', {}, [['name', NAME]]],
  [
    'a wrong type, and nothing that follows from it',
    { name: 'n', burst: 'x' },
    [['burst', 'must be an integer number']],
  ],
  ['a bound', { name: 'n', burst: 10 }, [['burst', 'must not be greater than 9']]],
  [
    'an entry of a list',
    { name: 'n', scopes: ['x'] },
    [['scopes', 'each value must be one of the following values: read, write']],
  ],
  ['a field that is also a word of its message', { name: 'n', to: '' }, [['to', NAME]]],
  ['a field that is not known', { name: 'n', x: 1 }, [['x', 'is not a known field']]],
  [
    'every one at once',
    { burst: 0, x: 1 },
    [
      ['x', 'is not a known field'],
      ['name', NAME],
      ['burst', 'must not be less than 1'],
    ],
  ],
])('the refusal names %s', (_what, value, expected) => {
  expect(refusalOf(value).fields?.map(({ field, message }) => [field, message])).toEqual(expected);
});

it('unknown fields may be ignored, and are not copied', () => {
  const sent: unknown = JSON.parse('{"name": "n", "x": 1, "__proto__": {"burst": 3}, "constructor": 1}');
  const parsed = parseFields(sent, Fields, { ignoreUnknown: true });
  expect(parsed).toBeInstanceOf(Fields);
  expect({ ...parsed }).toEqual({ name: 'n' });
  expect(refusalOf(sent).fields?.map(({ field }) => field)).toEqual(['x', '__proto__', 'constructor']);
});

it('a refusal never holds a value, and is of a size that its sender does not choose', () => {
  const wrong = Object.fromEntries(
    Array.from({ length: 500 }, (_one, n) => [`${n}`.repeat(100), 'a-secret']),
  );
  const refusal = refusalOf({ name: 'a-secret', ...wrong });
  expect(JSON.stringify([refusal.message, refusal.fields, refusal.reason])).not.toContain('a-secret');
  expect(refusal.fields).toHaveLength(50);
  expect(refusal.fields?.[0]?.field).toBe('0'.repeat(64));
  expect(refusal.message.match(/is not a known field/g)).toHaveLength(5);
  expect(refusal.reason).toHaveLength(200);
});

it('reads as a sentence', () => {
  const problem = invalidFields([
    { field: 'a', message: 'must be b' },
    { field: 'c', message: 'must be d' },
  ]);
  expect(problem.message).toBe('The request has invalid fields: a must be b; c must be d.');
  expect([problem.status, problem.reason]).toEqual([400, 'invalid-fields: a c']);
});
