import { isObject } from './json-object.js';

describe('a JSON value', () => {
  it.each([{}, { a: null }, Object.create(null)])('is an object: %j', (value) => {
    expect(isObject(value)).toBe(true);
  });

  it.each([[], [{}], null, undefined, 'a', 0, true])('is none: %j', (value) => {
    expect(isObject(value)).toBe(false);
  });
});
