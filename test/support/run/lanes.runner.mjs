import { cpus } from 'node:os';
import { clearInterval, setInterval } from 'node:timers';
import TestRunner from 'jest-runner';
import { LANES_BESIDE, WAITING_SPECS } from './spec-lanes.mjs';

/** A waiting file takes little of a processor, so two of them go beside the others on any machine. */
const WAITING_WORKERS = 2;
/** Workers that the computing lane can get besides its own. */
const SPARE_WORKERS = 2;
/** It gets one when the processors were idle for more than this share of such a time. */
const IDLE_SHARE = 0.15;
const LOOK_EVERY_MS = 10_000;

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

  /** Gives one back, or adds one. */
  give() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

/** What the processors did since the machine's start, in milliseconds. */
function processorTime() {
  const times = cpus().map((one) => one.times);
  const sum = (list) => list.reduce((all, one) => all + one, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((one) => Object.values(one))) };
}

/**
 * Jest's own runner with a second lane: test files that mostly wait for clocks and programs run beside those that
 * compute. In one lane a worker that waits for a rolling restart would leave a processor idle; where one is idle all
 * the same, the computing lane gets another worker.
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
      { ...globalConfig, maxWorkers: maxWorkers + SPARE_WORKERS },
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
    const timer = this.#addPlacesWhileIdle();
    await Promise.all([
      this.#waitingLane.runTests(waiting, watcher, options),
      this.#computingLane.runTests(others, watcher, options),
    ]).finally(() => clearInterval(timer));
  }

  on(eventName, listener) {
    const unsubscribes = [
      super.on(eventName, listener),
      this.#waitingLane.on(eventName, listener),
      this.#computingLane.on(eventName, listener),
    ];
    return () => unsubscribes.forEach((unsubscribe) => unsubscribe());
  }

  #addPlacesWhileIdle() {
    let spare = SPARE_WORKERS;
    let before = processorTime();
    return setInterval(() => {
      const now = processorTime();
      const idle = (now.idle - before.idle) / (now.all - before.all);
      before = now;
      if (spare === 0 || idle < IDLE_SHARE) return;
      spare -= 1;
      this.#places.give();
    }, LOOK_EVERY_MS);
  }
}
