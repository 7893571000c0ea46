/**
 * Runs once before a test run's workers: offers them parts that all of them share. Nothing is started before a
 * test asks for it. Loaded by Node itself, hence the `.ts` imports.
 */
import { startSharedPartsBroker } from './shared-parts-broker.ts';
import { SHARED_PARTS_URL } from './shared-parts.ts';

export default async function setUp() {
  const broker = await startSharedPartsBroker();
  process.env[SHARED_PARTS_URL] = broker.url;
  globalThis.endSharedParts = () => broker.close();
}
