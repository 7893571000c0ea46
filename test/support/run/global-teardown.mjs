/** Runs once after a test run: ends what `global-setup.mjs` has started. */
export default async function tearDown() {
  await globalThis.endSharedParts?.();
}
