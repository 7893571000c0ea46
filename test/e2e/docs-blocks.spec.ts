import { blocksOf, docsPages } from '../support/docs/docs-blocks.js';
import { DocsSession } from '../support/docs/docs-session.js';

/** Every block of the documentation that says so, as a reader would run it, on what `npm start` starts. */

const PAGES = docsPages()
  .map((page) => [page, blocksOf(page).filter(({ fate }) => fate?.kind === 'run')] as const)
  .filter(([, blocks]) => blocks.length > 0);

let session: DocsSession;
beforeAll(async () => (session = await DocsSession.start()), 300_000);
afterAll(() => session?.close());

it.each(PAGES)(
  'the examples of %s do what they say, one after the other',
  async (_page, blocks) => {
    const outputs = await session.run(blocks);
    const missing = blocks.flatMap(({ fate, line }, index) =>
      (fate?.kind === 'run' ? fate.shows : [])
        .filter((text) => !outputs[index]?.includes(text))
        .map((text) => `line ${line} does not show "${text}", but:\n${outputs[index]}`),
    );
    expect(missing).toEqual([]);
  },
  180_000,
);
