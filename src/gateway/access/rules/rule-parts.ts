import { Injectable } from '@nestjs/common';
import { ArtifactOwner } from '../resolve/artifact-owner.js';
import { GrantDirectory } from '../resolve/grant-directory.js';
import { MlflowLookup } from '../resolve/mlflow-lookup.js';
import { OwnerResolver } from '../resolve/owner-resolver.js';
import { Searches } from '../search/searches.js';

/** Services that every rule may use, for any key. */
@Injectable()
export class RuleParts {
  constructor(
    readonly owners: OwnerResolver,
    readonly directory: GrantDirectory,
    readonly artifacts: ArtifactOwner,
    readonly lookup: MlflowLookup,
    readonly searches: Searches,
  ) {}
}
