import { All, Controller } from '@nestjs/common';
import { REMOVED_ROUTES } from '../../contracts/http/routes.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { Public } from '../../platform/route-access/public.decorator.js';

/** Key management that once lived here: says where it went, to everyone who asks. */
@Controller([...REMOVED_ROUTES])
export class RemovedRoutesController {
  @All(['', '{*path}'])
  @Public('says only where key management is now')
  removed(): never {
    throw new ProblemError('endpoint-removed');
  }
}
