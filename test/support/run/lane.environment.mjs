import { constants, setPriority } from 'node:os';
import { TestEnvironment } from 'jest-environment-node';
import { LANES_BESIDE, WAITING_SPECS } from './spec-lanes.mjs';

/**
 * Node's environment. Its worker gives way to the lane of the files that wait: those have health checks that must be
 * answered within a second, and a busy processor would be taken for a fault.
 */
export default class LaneEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    if (process.env[LANES_BESIDE] && !WAITING_SPECS.has(context.testPath))
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  }
}
