import LaneEnvironment from '../../test/support/run/lane.environment.mjs';

/**
 * Leaves out the tests of a file behind one that failed. One failure is enough to notice a mutant, and those that come
 * after often wait in vain for the same thing.
 */
export default class FailingFastEnvironment extends LaneEnvironment {
  #hasFailed = false;

  async handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#hasFailed = true;
    if (event.name === 'test_start' && this.#hasFailed) event.test.mode = 'skip';
  }
}
