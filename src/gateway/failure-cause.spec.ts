import { ERROR_CATALOGUE, type ErrorName } from '../contracts/errors/error-codes.js';
import { SERVER_ERRORS } from '../contracts/errors/server-error-codes.js';
import { FAILURE_CAUSES, failureCause } from './failure-cause.js';

const NAMES = Object.keys(ERROR_CATALOGUE) as ErrorName[];

describe('failureCause', () => {
  it('every problem of status 500 and above has its line in the table, and no other', () => {
    expect(NAMES.filter((name) => ERROR_CATALOGUE[name].status >= 500)).toEqual(Object.keys(SERVER_ERRORS));
  });

  it('a refusal is not a failure', () => {
    const refusals = NAMES.filter((name) => ERROR_CATALOGUE[name].status < 500);
    expect(refusals.map(failureCause).filter((cause) => cause !== undefined)).toEqual([]);
  });

  it('every cause has a problem', () => {
    expect(new Set(NAMES.map(failureCause))).toEqual(new Set([...FAILURE_CAUSES, undefined]));
  });
});
