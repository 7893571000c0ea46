import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Logger } from '../../platform/logging/logger.js';

/** Time and the log: what nearly every part of authentication needs. */
@Injectable()
export class Surroundings {
  constructor(
    readonly clock: Clock,
    readonly logger: Logger,
  ) {}
}
