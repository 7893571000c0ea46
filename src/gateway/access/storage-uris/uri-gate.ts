import { Injectable } from '@nestjs/common';
import { ERROR_CATALOGUE } from '../../../contracts/errors/error-codes.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { AccessConfig } from '../../config/access.config.js';
import type { Route } from '../../mlflow-routes/route.js';
import { AskedRequest } from '../reading/asked-request.js';
import { PROMPT_SOURCES } from '../reading/model-source.js';
import { then, type Later } from '../resolve/later.js';
import { MlflowLookup, type AskedFor } from '../resolve/mlflow-lookup.js';
import { presentTraceLocation } from '../resolve/trace-location.js';
import { uriFault, type StorageUriPolicy } from './uri-policy.js';
import { uriPlaces, type GivenUri } from './uri-places.js';

/** Refuses addresses that MLflow may not be given. */
@Injectable()
export class UriGate {
  constructor(
    private readonly config: AccessConfig,
    private readonly lookup: MlflowLookup,
  ) {}

  /** Whether keys without grants are checked too. */
  get watchesAll(): boolean {
    return this.config.storageUriPolicy !== 'off';
  }

  /** Whether a call can give MLflow an address that this would refuse. */
  concerns({ name }: Pick<Route, 'name'>, hasGrants: boolean): boolean {
    return (hasGrants || this.watchesAll) && uriPlaces(name) !== undefined;
  }

  /** @throws ProblemError `storage-uri-forbidden` */
  check(asked: AskedRequest, hasGrants: boolean, asker: AskedFor): Later<void> {
    const given = uriPlaces(asked.route.name)?.(asked.parts.fields) ?? [];
    const refused = given.flatMap((one) => {
      // Rules check these, by the grants.
      if (hasGrants && one.use !== 'url' && asked.route.family !== 'workspace') return [];
      const fault = PROMPT_SOURCES.has(one.uri)
        ? undefined
        : this.faultOf(one, hasGrants ? 'managed' : undefined);
      return fault === undefined ? [] : [{ ...one, fault }];
    });
    const [first] = refused;
    if (first === undefined) return undefined;
    if (asked.route.name !== 'endTrace') throw forbidden(first);
    // Clients of MLflow 2 send back at the end of a trace what they were told at its start.
    const id = asked.one('request_id').text;
    return then(presentTraceLocation(this.lookup, id, asker), (present) => {
      if (refused.some(({ uri }) => uri !== present)) throw forbidden(first);
    });
  }

  private faultOf({ uri, use }: GivenUri, fixed: StorageUriPolicy | undefined): string | undefined {
    const { storageUriPolicy, storageUriSchemes } = this.config;
    return uriFault(uri, use, { policy: fixed ?? storageUriPolicy, schemes: storageUriSchemes });
  }
}

function forbidden({ at, fault }: GivenUri & { readonly fault: string }): ProblemError {
  const { detail, advice } = ERROR_CATALOGUE['storage-uri-forbidden'];
  return new ProblemError('storage-uri-forbidden', { message: `${detail}: "${at}" ${fault}. ${advice}` });
}
