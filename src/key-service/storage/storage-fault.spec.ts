import { BulkheadRejectedError } from 'cockatiel';
import { ProblemError } from '../../lib/http/problem-error.js';
import { asProblem, isStorageAway } from './storage-fault.js';

const error = (fields: object, message = 'failed'): Error => Object.assign(new Error(message), fields);
const refused = error({ code: 'ECONNREFUSED' });

it.each([
  ['a refused connection', refused],
  ['a lost connection', error({ code: 'ECONNRESET' })],
  ['every address of a host refused', new AggregateError([refused, refused])],
  ['connection_failure', error({ code: '08006' })],
  ['too_many_connections', error({ code: '53300' })],
  ['disk_full', error({ code: '53100' })],
  ['admin_shutdown', error({ code: '57P01' })],
  ['query_canceled by the statement timeout', error({ code: '57014' })],
  ['serialization_failure', error({ code: '40001' })],
  ['deadlock_detected', error({ code: '40P01' })],
  ['no free connection of the pool', error({}, 'timeout exceeded when trying to connect')],
  ['a connection that ended', error({}, 'Connection terminated unexpectedly')],
  ['SQLITE_BUSY', error({ code: 'ERR_SQLITE_ERROR', errcode: 5 })],
  ['SQLITE_IOERR_WRITE, an extended code', error({ code: 'ERR_SQLITE_ERROR', errcode: 778 })],
  ['SQLITE_FULL', error({ code: 'ERR_SQLITE_ERROR', errcode: 13 })],
  ['too many statements waiting', new BulkheadRejectedError(1, 1)],
])('%s is an outage: 503 with Retry-After', (_what, cause) => {
  expect(isStorageAway(cause)).toBe(true);
  const problem = asProblem(cause) as ProblemError;
  expect(problem).toBeInstanceOf(ProblemError);
  expect([problem.status, problem.headers, problem.reason]).toEqual([
    503,
    { 'retry-after': '2' },
    'storage-unavailable',
  ]);
  expect(problem.cause).toBe(cause);
});

it.each([
  ['a unique violation', error({ code: '23505' })],
  ['a wrong statement', error({ code: '42601' })],
  ['a code that only contains one of an outage', error({ code: '22008' })],
  ['SQLITE_CONSTRAINT_UNIQUE', error({ code: 'ERR_SQLITE_ERROR', errcode: 2067 })],
  ['SQLITE_CORRUPT', error({ code: 'ERR_SQLITE_ERROR', errcode: 11 })],
  ['a programming error', new TypeError('x is not a function')],
  ['a refusal', new ProblemError('resource-not-found')],
  ['no error at all', 'text'],
  ['null', null],
])('%s is none, and is passed on unchanged', (_what, thrown) => {
  expect(isStorageAway(thrown)).toBe(false);
  expect(asProblem(thrown)).toBe(thrown);
});
