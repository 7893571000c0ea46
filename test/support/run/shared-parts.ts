/** Variable by which a run's global set-up says where its shared parts can be asked for. */
export const SHARED_PARTS_URL = 'TEST_SHARED_PARTS_URL';

/** Whether this process belongs to a test run with a global set-up; the bench has none. */
export const hasSharedParts = (): boolean => process.env[SHARED_PARTS_URL] !== undefined;

/**
 * A part that all tests of a run share, started when first asked for and ended with the run; how it is reached.
 *
 * @throws Error where it could not be started, with the reason
 */
export async function sharedPart<T>(name: string): Promise<T> {
  const broker = process.env[SHARED_PARTS_URL];
  if (!broker) throw new Error(`this test project has no global set-up that provides ${name}`);
  const response = await fetch(`${broker}/${name}`, { method: 'POST' });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as T;
}
