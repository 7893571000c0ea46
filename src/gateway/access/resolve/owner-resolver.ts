import { Injectable } from '@nestjs/common';
import { isExperimentId, isLoggedModelId, isPlainId, isRunId } from '../../../lib/canonical-id.js';
import type { Need, Resolved } from '../grants/decide.js';
import type { GrantSet, Owner } from '../grants/grant-set.js';
import { ambiguous } from '../reading/ambiguous.js';
import type { NamedKind } from '../reading/named.js';
import { LookupCache } from './lookup-cache.js';
import { MlflowLookup, type Workspace } from './mlflow-lookup.js';
import { allOf, then, type Later } from './later.js';
import { QUESTIONS, type AskedKind, type Question } from './questions.js';

/** Whose grants are asked, and in which workspace what the request names lies. */
export interface Asker {
  readonly grants: GrantSet;
  readonly workspace: Workspace;
}

/** The owners of a resource, and whether MLflow had to be asked for them. */
interface Known {
  readonly owners: readonly Owner[];
  readonly how: Resolved['how'];
}

/** The only accepted form of each kind of id. Other spellings that MLflow might accept are not looked up. */
const FORMS: Readonly<Partial<Record<NamedKind, (id: string) => boolean>>> = {
  run: isRunId,
  'logged-model': isLoggedModelId,
  trace: isPlainId,
  dataset: isPlainId,
  issue: isPlainId,
  'review-queue': isPlainId,
  'label-schema': isPlainId,
  'prompt-optimization-job': isPlainId,
  'endpoint-id': isPlainId,
};

const NOTHING: Known = { owners: [], how: 'named' };

/**
 * Finds out what decides about a thing that a request names: an experiment, the name of a model or of a prompt. It
 * does not wait if the request itself says it or it is cached.
 */
@Injectable()
export class OwnerResolver {
  constructor(
    private readonly lookup: MlflowLookup,
    private readonly cache: LookupCache,
  ) {}

  /** @throws ProblemError `lookup-unavailable` */
  resolve(need: Need, asker: Asker): Later<Resolved> {
    const known = this.known(need, asker);
    const quantifier = quantifierOf(need);
    return then(known, ({ owners, how }) => ({ need, owners, quantifier, how }));
  }

  /**
   * The owners of a trace as MLflow has them now, without the cache; empty if there is no such trace.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  async now(need: Need, asker: Asker): Promise<Resolved> {
    const { id } = need.named;
    const name = cacheName('trace', id, asker.workspace);
    if (!isPlainId(id)) throw ambiguous("the id of its trace is none of MLflow's");
    const { owners, how } = await this.ask(QUESTIONS.trace, id, name, asker);
    if (owners.length > 0) return this.resolve(need, asker);
    // The trace is about to be created: do not cache that it does not exist.
    this.cache.forget(name);
    return { need, owners, quantifier: 'all', how };
  }

  /**
   * The owners of a trace or a data set, asked of MLflow by a look-up that starts now: the answer to an earlier one is
   * not used.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  async again(need: Need, asker: Asker): Promise<Resolved> {
    const { kind, id } = need.named;
    if (kind !== 'trace' && kind !== 'dataset') throw new Error(`a ${kind} does not move`);
    const { owners } = await this.ask(QUESTIONS[kind], id, cacheName(kind, id, asker.workspace), asker, true);
    return this.resolvedBy(owners, need, asker);
  }

  /**
   * What MLflow has said itself of the owners of a thing, with the names of experiments that need one.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  resolvedBy(owners: readonly Owner[], need: Need, asker: Asker): Later<Resolved> {
    const quantifier = quantifierOf(need);
    return then(this.named({ owners, how: 'looked_up' }, need, asker), (known) => ({
      need,
      quantifier,
      ...known,
    }));
  }

  /** Remembers what MLflow's answer to a creation says. */
  learnRun(runId: string, experimentId: string, workspace: Workspace): void {
    if (isRunId(runId) && isExperimentId(experimentId))
      this.cache.keepExperiment(cacheName('run', runId, workspace), experimentId);
  }

  /** What a request that passes may change. */
  forget(kind: NamedKind, id: string, workspace: Workspace): void {
    this.cache.forget(cacheName(kind, id, workspace));
  }

  private known(need: Need, asker: Asker): Later<Known> {
    const { kind, id } = need.named;
    if (id === '' || FORMS[kind]?.(id) === false) return NOTHING;
    if (!isAsked(kind)) return { owners: ownersByName(kind, id), how: 'named' };
    if (kind === 'experiment') {
      if (!isExperimentId(id)) throw ambiguous('the id of its experiment is not written as MLflow writes it');
      return this.experiment(id, need, asker, 'named');
    }
    if (kind === 'registered-name') return this.registeredName(need, asker);
    if (kind === 'experiment-name') return this.experimentByName(need, asker);
    return this.below(QUESTIONS[kind], need, asker);
  }

  /** An experiment; its name is looked up if only a grant by name could allow it. */
  private experiment(id: string, { level }: Need, asker: Asker, how: Known['how']): Later<Known> {
    if (!asker.grants.needsName(id, level)) return { owners: [{ kind: 'experiment', id }], how };
    return this.recall(QUESTIONS.experiment, id, asker);
  }

  /**
   * The experiment with a name. A name that is free is compared with the grants itself. Nothing is cached here: names
   * are moved and guessed, and the response time must not tell which names exist.
   */
  private async experimentByName(
    { named: { id: name } }: Need,
    { workspace, grants }: Asker,
  ): Promise<Known> {
    const question = QUESTIONS['experiment-name'];
    for (const path of question.paths(name)) {
      const answer = await this.lookup.get(path, { workspace, grants });
      if (answer.found)
        return {
          owners: this.lookup.read(path, () => question.ownersIn(answer.body, name)),
          how: 'looked_up',
        };
    }
    return { owners: ownersByName('new-experiment-name', name), how: 'looked_up' };
  }

  /** Something that belongs to experiments. */
  private below(question: Question, need: Need, asker: Asker): Later<Known> {
    return then(this.recall(question, need.named.id, asker), (found) => this.named(found, need, asker));
  }

  private named({ owners: found, how }: Known, need: Need, asker: Asker): Later<Known> {
    const named = found.map((owner) =>
      owner.kind === 'experiment' && owner.name === undefined
        ? then(this.experiment(owner.id, need, asker, how), ({ owners }) => owners[0] ?? owner)
        : owner,
    );
    return then(allOf(named), (owners) => ({ owners, how }));
  }

  /**
   * MLflow is asked whether it is a model or a prompt, and how its name is spelled. If no grant could match the name,
   * MLflow is not asked.
   */
  private registeredName(need: Need, asker: Asker): Later<Known> {
    const { named, level } = need;
    const model: Owner = { kind: 'model', name: named.id };
    const prompt: Owner = { kind: 'prompt', name: named.id };
    const asModel = asker.grants.grantFor(model, level) !== undefined;
    const asPrompt = asker.grants.grantFor(prompt, level) !== undefined;
    if (!asModel && !asPrompt) return { owners: [model], how: 'named' };
    return then(this.recall(QUESTIONS['registered-name'], named.id, asker), (found) =>
      // Of a name that is free, MLflow will say so.
      found.owners.length > 0 ? found : { owners: [asModel ? model : prompt], how: found.how },
    );
  }

  private recall(question: Question, id: string, asker: Asker): Later<Known> {
    const name = cacheName(question.kind, id, asker.workspace);
    if (question.forGood) {
      const experiment = this.cache.experimentForGood(name);
      if (experiment !== undefined)
        return { owners: [{ kind: 'experiment', id: experiment }], how: 'cached' };
    } else {
      const owners = this.cache.recent<readonly Owner[]>(name);
      if (owners !== undefined) return { owners, how: 'cached' };
    }
    if (this.cache.isMissing(name)) return { owners: [], how: 'cached' };
    return this.ask(question, id, name, asker);
  }

  private async ask(
    question: Question,
    id: string,
    name: string,
    asker: Asker,
    isAgain = false,
  ): Promise<Known> {
    for (const path of question.paths(id)) {
      const answer = await (isAgain ? this.lookup.getNow(path, asker) : this.lookup.get(path, asker));
      if (answer.found) {
        const owners = this.lookup.read(path, () => question.ownersIn(answer.body, id));
        const [only] = owners;
        if (question.forGood && only?.kind === 'experiment') this.cache.keepExperiment(name, only.id);
        else this.cache.keepBriefly(name, owners);
        return { owners, how: 'looked_up' };
      }
      if (answer.served) break;
    }
    this.cache.keepMissing(name);
    return { owners: [], how: 'looked_up' };
  }
}

/** The owner that follows from the name alone, without a look-up. For some kinds there are no grants. */
function ownersByName(kind: Exclude<NamedKind, AskedKind>, name: string): readonly Owner[] {
  switch (kind) {
    case 'new-experiment-name':
      return [{ kind: 'experiment', id: '', name }];
    case 'model':
    case 'prompt':
    case 'endpoint':
    case 'workspace':
      return [{ kind, name }];
    case 'artifact-path':
    case 'assessment':
    case 'gateway-part':
    case 'judge-setting':
    case 'secret':
    case 'storage-location':
      return [];
    default:
      return kind satisfies never;
  }
}

function isAsked(kind: NamedKind): kind is AskedKind {
  return Object.hasOwn(QUESTIONS, kind);
}

/** A change of a data set concerns all of its experiments, so all must be granted; to read it, one is enough. */
function quantifierOf({ named, level }: Need): Resolved['quantifier'] {
  return named.kind === 'dataset' && level === 'read' ? 'any' : 'all';
}

function cacheName(kind: string, id: string, workspace: Workspace): string {
  return `${kind}\n${workspace ?? ''}\n${id}`;
}
