import TestRunner from 'jest-runner';
import { LANES_BESIDE, WAITING_SPECS } from './spec-lanes.mjs';

/** A waiting file takes little of a processor, so two of them go beside the others on any machine. */
const WAITING_WORKERS = 2;

/** As many files at the same time as have a place; the others wait for one. */
class Places {
  #free;
  #waiting = [];

  constructor(count) {
    this.#free = count;
  }

  async take() {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives places back, or adds some. */
  give(count = 1) {
    const next = this.#waiting.splice(0, count);
    this.#free += count - next.length;
    for (const taken of next) taken();
  }
}

/**
 * Jest's own runner with a second lane: test files that mostly wait for clocks and programs run beside those that
 * compute. In one lane a worker that waits for a rolling restart would leave a processor idle. Once the waiting ones are
 * over, the others have their workers too.
 * `LaneEnvironment` keeps the computing lane from taking the processor from health checks of the waiting one.
 */
export default class LanesRunner extends TestRunner {
  #waitingLane;
  #computingLane;
  #places;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    const { maxWorkers } = globalConfig;
    this.#places = new Places(maxWorkers);
    this.#waitingLane = new TestRunner({ ...globalConfig, maxWorkers: WAITING_WORKERS }, context);
    this.#computingLane = new TestRunner(
      { ...globalConfig, maxWorkers: maxWorkers + WAITING_WORKERS },
      context,
    );
    // Jest awaits the first before it gives a file to a worker.
    this.#computingLane.on('test-file-start', () => this.#places.take());
    for (const end of ['test-file-success', 'test-file-failure'])
      this.#computingLane.on(end, () => this.#places.give());
  }

  async runTests(tests, watcher, options) {
    const waiting = tests.filter(({ path }) => WAITING_SPECS.has(path));
    if (options.serial || waiting.length === 0 || waiting.length === tests.length)
      return super.runTests(tests, watcher, options);
    const others = tests.filter((test) => !waiting.includes(test));
    process.env[LANES_BESIDE] = '1';
    await Promise.all([
      this.#waitingLane.runTests(waiting, watcher, options).then(() => this.#places.give(WAITING_WORKERS)),
      this.#computingLane.runTests(others, watcher, options),
    ]);
  }

  on(eventName, listener) {
    const unsubscribes = [
      super.on(eventName, listener),
      this.#waitingLane.on(eventName, listener),
      this.#computingLane.on(eventName, listener),
    ];
    return () => unsubscribes.forEach((unsubscribe) => unsubscribe());
  }
}
