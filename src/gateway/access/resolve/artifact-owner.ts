import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../../lib/at-most.js';
import { isLoggedModelId, isRunId } from '../../../lib/canonical-id.js';
import { Clock } from '../../../platform/clock.js';
import { includes, type GrantLevel, type GrantSet, type Owner } from '../grants/grant-set.js';
import { isBelow } from '../reading/artifact-path.js';
import { artifactPathOf } from '../reading/artifact-uri.js';
import { GrantDirectory, locationIn, type ListedExperiment } from './grant-directory.js';
import { MlflowLookup, type Workspace } from './mlflow-lookup.js';
import type { Asker } from './owner-resolver.js';

const V2 = '/api/2.0/mlflow';
const ROOT_MS = 30_000;
const MAX_ROOTS = 10_000;
const LOCATION_MS = 10_000;
const MAX_LOCATIONS = 10_000;
/** How long the result "leads to no granted model" is cached. */
const BARREN_MS = 2000;
const MAX_BARREN = 1000;
/** Versions of granted models that were made of one run or logged model, and are asked for their roots. */
const MAX_VERSIONS = 50;

interface Version {
  readonly name: string;
  readonly version: string;
}

/**
 * Finds out who owns an artifact if its path does not say so. It may lie below a version of a granted model, which the
 * holder of the grant may read, or in a folder that an experiment was given for its files.
 */
@Injectable()
export class ArtifactOwner {
  /** Names of models by the roots of their versions. */
  private readonly roots: LRUCache<string, ReadonlySet<string>>;
  private readonly locations: LRUCache<string, string>;
  private readonly barren = new WeakMap<GrantSet, LRUCache<string, true>>();
  private readonly perf: { now(): number };

  constructor(
    private readonly lookup: MlflowLookup,
    private readonly directory: GrantDirectory,
    clock: Clock,
  ) {
    this.perf = { now: () => clock.monotonicMs() };
    const options = { ttlResolution: 0, perf: this.perf };
    this.roots = new LRUCache({ ...atMost(MAX_ROOTS), ttl: ROOT_MS, ...options });
    this.locations = new LRUCache({ ...atMost(MAX_LOCATIONS), ttl: LOCATION_MS, ...options });
  }

  /**
   * A granted model with a version whose root the path lies below.
   *
   * @param path below the root of the artifact store, as `readArtifactPath` gives it
   * @throws ProblemError `lookup-unavailable`
   */
  async modelOf(path: string, asker: Asker): Promise<Owner | undefined> {
    const { grants, workspace } = asker;
    if (!grants.models.some(({ level }) => includes(level, 'read'))) return undefined;
    const known = this.knownModel(path, asker);
    if (known !== undefined) return known;
    const id = path.split('/').find((segment) => isRunId(segment) || isLoggedModelId(segment));
    if (id === undefined) return undefined;
    const barren = this.barrenOf(grants);
    const name = `${workspace ?? ''}\n${id}`;
    if (barren.has(name)) return undefined;
    await this.askRoots(id, asker);
    const found = this.knownModel(path, asker);
    if (found === undefined) barren.set(name, true);
    return found;
  }

  /** The same from the cache alone: MLflow is not asked. */
  knownModel(path: string, { grants, workspace }: Asker): Owner | undefined {
    const segments = path.split('/');
    for (let length = segments.length; length > 0; length--) {
      const names = this.roots.get(rootName(segments.slice(0, length).join('/'), workspace)) ?? [];
      for (const name of names) {
        const owner: Owner = { kind: 'model', name };
        if (grants.grantFor(owner, 'read') !== undefined) return owner;
      }
    }
    return undefined;
  }

  /** Remembers where the files of a version are, as MLflow said in an answer. */
  learnRoot(model: string, uri: unknown, workspace: Workspace): void {
    const root = typeof uri === 'string' ? artifactPathOf(uri) : undefined;
    if (root === undefined) return;
    const name = rootName(root, workspace);
    this.roots.set(name, new Set([...(this.roots.get(name) ?? []), model]));
  }

  /**
   * A granted experiment whose own place the path lies below.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  async experimentAt(path: string, level: GrantLevel, asker: Asker): Promise<Owner | undefined> {
    const byId = [...asker.grants.experimentIds]
      .filter(([, grant]) => includes(grant.level, level))
      .map(([id]) => id);
    const located = await Promise.all(byId.map((id) => this.located(id, asker)));
    const named = await this.directory.experiments(asker, level);
    const found = [...located, ...named].find(({ location }) => {
      const place = artifactPathOf(location);
      return place !== undefined && isBelow(path, place);
    });
    return found && { kind: 'experiment', id: found.id, ...(found.name !== '' && { name: found.name }) };
  }

  private async located(id: string, asker: Asker): Promise<ListedExperiment> {
    const name = `${asker.workspace ?? ''}\n${id}`;
    let location = this.locations.get(name);
    if (location === undefined) {
      const path = `${V2}/experiments/get?experiment_id=${id}`;
      const answer = await this.lookup.get(path, asker);
      location = answer.found
        ? this.lookup.read(path, () => locationIn((answer.body as { experiment?: unknown }).experiment))
        : '';
      this.locations.set(name, location);
    }
    return { id, name: '', location };
  }

  /** Asks for the roots of all versions of granted models that were made of a run or a logged model. */
  private async askRoots(id: string, asker: Asker): Promise<void> {
    const versions = isRunId(id)
      ? await this.versionsOf('run_id', id, asker)
      : await this.ofLoggedModel(id, asker);
    await Promise.all(
      versions.slice(0, MAX_VERSIONS).map(async ({ name, version }) => {
        const query = new URLSearchParams({ name, version }).toString();
        const path = `${V2}/model-versions/get-download-uri?${query}`;
        const answer = await this.lookup.get(path, asker);
        if (answer.found)
          this.learnRoot(name, (answer.body as { artifact_uri?: unknown }).artifact_uri, asker.workspace);
      }),
    );
  }

  /** A copy of a version names the run of the logged model, and not the model itself. */
  private async ofLoggedModel(id: string, asker: Asker): Promise<readonly Version[]> {
    const direct = await this.versionsOf('source_path', `models:/${id}`, asker);
    const answer = await this.lookup.get(`${V2}/logged-models/${id}`, asker);
    const info = answer.found
      ? (answer.body as { model?: { info?: { source_run_id?: unknown } } }).model?.info
      : undefined;
    const run = info?.source_run_id;
    return typeof run === 'string' && isRunId(run)
      ? [...direct, ...(await this.versionsOf('run_id', run, asker))]
      : direct;
  }

  /** @param value without quotes */
  private async versionsOf(
    attribute: 'run_id' | 'source_path',
    value: string,
    asker: Asker,
  ): Promise<readonly Version[]> {
    const query = new URLSearchParams({
      filter: `${attribute} = '${value}'`,
      max_results: '1000',
    }).toString();
    const answer = await this.lookup.get(`${V2}/model-versions/search?${query}`, asker);
    if (!answer.found) return [];
    const versions = (answer.body as { model_versions?: readonly Version[] }).model_versions ?? [];
    return versions.filter(
      ({ name }) => asker.grants.grantFor({ kind: 'model', name }, 'read') !== undefined,
    );
  }

  private barrenOf(grants: GrantSet): LRUCache<string, true> {
    let barren = this.barren.get(grants);
    if (barren === undefined) {
      barren = new LRUCache({ ...atMost(MAX_BARREN), ttl: BARREN_MS, ttlResolution: 0, perf: this.perf });
      this.barren.set(grants, barren);
    }
    return barren;
  }
}

function rootName(root: string, workspace: Workspace): string {
  return `${workspace ?? ''}\n${root}`;
}
