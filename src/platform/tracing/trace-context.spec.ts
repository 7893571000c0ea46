import { parentOf, traceIdOf, traceparentOf } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('the trace of a caller', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, 1],
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`00-${TRACE}-${SPAN}-03`, 1],
    [`cc-${TRACE}-${SPAN}-01-what-a-later-version-adds`, 1],
  ])('goes on: %s', (header, traceFlags) => {
    expect(parentOf(header)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`.replace('-01,', '-01x,'),
    [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
  ])('does not, where it is none: %s', (header) => expect(parentOf(header)).toBeUndefined());

  it('is written as it was read', () => {
    const header = `00-${TRACE}-${SPAN}-01`;
    expect(traceparentOf(parentOf(header) as never)).toBe(header);
  });
});

it('a request id is the id of its trace, but for one of zeroes', () => {
  expect(traceIdOf('0af76519-16cd-43dd-8448-eb211c80319c')).toBe(TRACE);
  expect(traceIdOf('00000000-0000-0000-0000-000000000000')).toBeUndefined();
});
