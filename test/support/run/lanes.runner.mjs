import TestRunner from 'jest-runner';
import { LANES_BESIDE, WAITING_SPECS } from './spec-lanes.mjs';

/** A waiting file takes little of a processor, so two of them go beside the others on any machine. */
const WAITING_WORKERS = 2;

/**
 * Jest's own runner with a second lane: test files that mostly wait for clocks and programs run beside those that
 * compute. In one lane a worker that waits for a rolling restart would leave a processor idle.
 * `LaneEnvironment` keeps the computing lane from taking the processor from health checks of the waiting one.
 */
export default class LanesRunner extends TestRunner {
  #waitingLane;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    this.#waitingLane = new TestRunner({ ...globalConfig, maxWorkers: WAITING_WORKERS }, context);
  }

  async runTests(tests, watcher, options) {
    const waiting = tests.filter(({ path }) => WAITING_SPECS.has(path));
    if (options.serial || waiting.length === 0 || waiting.length === tests.length)
      return super.runTests(tests, watcher, options);
    const others = tests.filter((test) => !waiting.includes(test));
    process.env[LANES_BESIDE] = '1';
    await Promise.all([
      this.#waitingLane.runTests(waiting, watcher, options),
      super.runTests(others, watcher, options),
    ]);
  }

  on(eventName, listener) {
    const unsubscribes = [super.on(eventName, listener), this.#waitingLane.on(eventName, listener)];
    return () => unsubscribes.forEach((unsubscribe) => unsubscribe());
  }
}
