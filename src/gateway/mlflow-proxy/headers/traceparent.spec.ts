import { isTraceparent, newTraceparent } from './traceparent.js';

describe('traceparent', () => {
  it.each([
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', true],
    ['01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later', true],
    ['ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', false],
    ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', false],
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01', false],
    ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01', false],
    ['00-4bf92f35-00f067aa0ba902b7-01', false],
    ['', false],
  ])('%s is valid: %s', (value, valid) => {
    expect(isTraceparent(value)).toBe(valid);
  });

  it('a new one is valid and bears the request id', () => {
    const made = newTraceparent('123e4567-e89b-42d3-a456-426614174000');
    expect(made).toBe('00-123e4567e89b42d3a456426614174000-a456426614174000-01');
    expect(isTraceparent(made)).toBe(true);
  });

  it('a request id of zeroes still gives a valid one', () => {
    expect(isTraceparent(newTraceparent('00000000-0000-0000-0000-000000000000'))).toBe(true);
  });
});
