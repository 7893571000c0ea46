/** `npm run test:full`: the sizes that prove no more than the usual ones, but come closer to what is served. */
export const isFullRun = process.env['TEST_FULL'] === '1';
