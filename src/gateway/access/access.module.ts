import { Module } from '@nestjs/common';
import { PrincipalModule } from '../principal/principal.module.js';
import { AccessGuard } from './access.guard.js';
import { AccessMetrics } from './access.metrics.js';
import { MlflowUpstreamModule } from '../mlflow-upstream/mlflow-upstream.module.js';
import { GrantGate } from './grant-gate.js';
import { GrantRecheck } from './grant-recheck.js';
import { GrantGuard } from './grant.guard.js';
import { KeyNow } from './key-now.js';
import { RequestBodies } from './reading/request-bodies.js';
import { ArtifactOwner } from './resolve/artifact-owner.js';
import { GrantDirectory } from './resolve/grant-directory.js';
import { LookupCache } from './resolve/lookup-cache.js';
import { MlflowLookup } from './resolve/mlflow-lookup.js';
import { OwnerResolver } from './resolve/owner-resolver.js';
import { TracesNow } from './resolve/traces-now.js';
import { RuleParts } from './rules/rule-parts.js';
import { Shadow } from './shadow/shadow.js';
import { UriGate } from './storage-uris/uri-gate.js';
import { ScopeRecheck } from './scope-recheck.js';
import { ScopeGate } from './scopes/scope-gate.js';
import { FilterAbilities } from './search/filter-abilities.js';
import { RegisteredDirectory } from './search/registered-directory.js';
import { SearchMetrics } from './search/search.metrics.js';
import { PageTokens } from './search/page-tokens.js';
import { Searches } from './search/searches.js';

/** Decides what the owner of a valid key may do. */
@Module({
  imports: [PrincipalModule, MlflowUpstreamModule],
  providers: [
    AccessGuard,
    AccessMetrics,
    ScopeGate,
    GrantGuard,
    GrantGate,
    GrantRecheck,
    KeyNow,
    ScopeRecheck,
    RequestBodies,
    ArtifactOwner,
    GrantDirectory,
    Shadow,
    UriGate,
    LookupCache,
    MlflowLookup,
    OwnerResolver,
    TracesNow,
    RuleParts,
    PageTokens,
    FilterAbilities,
    RegisteredDirectory,
    SearchMetrics,
    Searches,
  ],
  exports: [AccessGuard, GrantGate, GrantGuard, RequestBodies, ScopeGate],
})
export class AccessModule {}
