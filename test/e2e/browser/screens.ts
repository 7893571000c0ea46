import type { Page } from 'playwright-core';
import { eventually } from '../../support/lib/eventually.js';
import type { Filling } from './filled-system.js';
import { openView, type Visit } from './tour.js';

/** Committed versions of MLflow whose UIs differ in addresses. */
export type UiVersion = '2.22' | '3.1' | '3.5' | '3.17';

/** A screen of MLflow's UI: its address behind the #, and what has to be seen on it. */
export interface Screen {
  readonly name: string;
  readonly view: (filled: Filling) => string;
  readonly seen: (page: Page, filled: Filling) => Promise<unknown>;
  /** What the experiment has to be marked as, in a version that shows this screen for some kinds alone. */
  readonly kind?: string;
}

const SLOWEST_MS = 60_000;
/** It is hidden until it is loaded; other images are MLflow's own. */
const IS_IMAGE_SHOWN =
  '[...document.images].some((one) => /get-artifact|^blob:/.test(one.currentSrc) && one.naturalWidth > 100 && one.width > 100)';
/** Bytes of `weights.bin`. */
const WEIGHTS = Buffer.alloc(256 * 4096, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));

const text =
  (words: string | RegExp) =>
  (page: Page): Promise<void> =>
    page
      .getByText(words, typeof words === 'string' ? { exact: true } : {})
      // Some pages hold the same words for their own measurements, out of sight.
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: SLOWEST_MS });

const experiment =
  (rest: string) =>
  ({ experimentId }: Filling): string =>
    `experiments/${experimentId}${rest}`;
const run = (rest: string): Screen['view'] => {
  return (filled) => experiment(`/runs/${filled.runs[0]}${rest}`)(filled);
};
const artifact = (file: string): Screen['view'] => run(`/artifacts/${file}`);

/** The same in all of them. */
const COMMON: readonly Screen[] = [
  { name: 'run', view: run(''), seen: text('learning_rate') },
  {
    name: 'metrics chart',
    view: run('/model-metrics'),
    seen: (page) =>
      page
        .locator('.js-plotly-plot .scatterlayer .trace')
        .first()
        .waitFor({ state: 'attached', timeout: SLOWEST_MS }),
  },
  {
    name: 'image',
    view: artifact('plot.png'),
    seen: (page) =>
      eventually(() => page.evaluate(IS_IMAGE_SHOWN), { timeoutMs: SLOWEST_MS, what: 'an image' }),
  },
  {
    name: 'HTML',
    view: artifact('report.html'),
    // A frame of its own origin: its script runs, and has no session.
    seen: async (page) => {
      const frame = page.frameLocator('iframe');
      await frame.getByText('a script ran in null').waitFor();
      await frame.locator('body[data-read=blocked]').waitFor();
    },
  },
  {
    name: 'PDF',
    view: artifact('plot.pdf'),
    seen: (page) => page.locator('.react-pdf__Page canvas').first().waitFor({ timeout: SLOWEST_MS }),
  },
  { name: 'CSV', view: artifact('table.csv'), seen: text('Zurich') },
  { name: 'log', view: artifact('train.log'), seen: text(/ended well/) },
  { name: 'models', view: () => 'models', seen: (page, { modelName }) => text(modelName)(page) },
  { name: 'model with alias', view: ({ modelName }) => `models/${modelName}`, seen: text(/champion/) },
  { name: 'prompt', view: ({ promptName }) => `prompts/${promptName}`, seen: text(/Summarise in/) },
];

const RUNS = { name: 'runs', seen: text(/run-2$/) };
const TRACES = { name: 'traces', seen: text(/question 0/) };
const EXPERIMENTS = { name: 'experiments', seen: text('Default') };
const BY_TRACE = (name: string) => (filled: Filling) => `${name}=${filled.traceId}`;

/** Where one page holds them all, each behind a mode. */
const MODES: readonly Screen[] = [
  { ...EXPERIMENTS, view: () => '' },
  { ...RUNS, view: experiment('?compareRunsMode=TABLE') },
  { ...TRACES, view: experiment('?compareRunsMode=TRACES') },
  {
    name: 'trace',
    view: (filled) =>
      `${experiment('?compareRunsMode=TRACES')(filled)}&${BY_TRACE('selectedTraceId')(filled)}`,
    // MLflow's viewer of traces is a page of its own in a frame.
    seen: (page) =>
      page
        .frameLocator('iframe[src*="trace-renderer"]')
        .getByText('Inputs / Outputs', { exact: true })
        .first()
        .waitFor({ timeout: SLOWEST_MS }),
  },
  { name: 'evaluation', view: experiment('?compareRunsMode=ARTIFACT'), seen: text(/judged 2/) },
];

/** Where each has an address of its own. */
const ADDRESSES: readonly Screen[] = [
  { ...EXPERIMENTS, view: () => 'experiments' },
  { ...RUNS, view: experiment('/runs') },
  { ...TRACES, view: experiment('/traces') },
  {
    name: 'trace',
    view: (filled) => `${experiment('/traces')(filled)}?${BY_TRACE('selectedEvaluationId')(filled)}`,
    seen: text(/look up|Details & Timeline/),
  },
  { name: 'evaluation', view: experiment('/evaluation-runs'), seen: text(/is_short/) },
];

/** The kind of an experiment that has a screen in MLflow 3.5, which leads elsewhere from the screens of other kinds. */
const kindFor = (name: string): string =>
  name === 'evaluation' ? 'genai_development' : 'custom_model_development';

const OWN: Readonly<Record<UiVersion, readonly Screen[]>> = {
  '2.22': MODES,
  '3.1': MODES,
  '3.5': ADDRESSES.map((screen) => ({ ...screen, kind: kindFor(screen.name) })),
  '3.17': ADDRESSES,
};

/** Everything that a version is looked at for. */
export function screensOf(version: UiVersion): readonly Screen[] {
  return [...OWN[version], ...COMMON];
}

/** Whether MLflow's own button gives the file that `fill.py` logged, byte for byte. */
export async function downloadsWeights({ page, filled }: Visit): Promise<boolean> {
  await openView(page, artifact('weights.bin')(filled));
  // An icon without a name: MLflow's own mark of the component tells it from the others.
  const button = page.locator('button[data-component-id*="_artifactview"]').first();
  await button.waitFor({ timeout: SLOWEST_MS });
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).equals(WEIGHTS);
}
