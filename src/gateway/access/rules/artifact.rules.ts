import { ProblemError } from '../../../lib/http/problem-error.js';
import { withoutTree } from '../../mlflow-routes/route.js';
import { OPEN, type Finding } from '../grants/decide.js';
import type { Owner } from '../grants/grant-set.js';
import { ambiguous } from '../reading/ambiguous.js';
import { readArtifactPath, tailFault, type ArtifactPlace } from '../reading/artifact-path.js';
import type { AskedRequest, Value } from '../reading/asked-request.js';
import { then, type Later } from '../resolve/later.js';
import { rowFilter } from '../search/answer-filter.js';
import { lookedUpAgain } from './answer-checks.js';
import {
  needOf,
  needs,
  one,
  type Access,
  type Rule,
  type RulesByCall,
  type Ruling,
  type Source,
} from './rule.js';

/** Slashes that MLflow's two routers treat differently, in either spelling. */
const DOUBLED = /(?:\/|%2f){2}/i;

/** The path that decides stands behind the route. */
const byPath: Rule = { judge: (asked, access) => judgePath(asked, access, pathOf(asked)) };

/** The name of the file beside it: MLflow takes what stands behind its last slash. */
const byPathWithFile: Rule = {
  judge: (asked, access) => {
    const name = asked.one('path').text.split('/').at(-1) ?? '';
    if (name === '' || name === '.' || name === '..') throw ambiguous('"path" ends in no name of a file');
    return judgePath(asked, access, pathOf(asked));
  },
};

/** Two calls of MLflow's have this name: one lists any folder of the store, one a folder of a run. */
const list: Rule = {
  judge: (asked, access) =>
    withoutTree(asked.route.template).startsWith('mlflow-artifacts/')
      ? judgePath(asked, access, asked.one('path'))
      : byRun.judge(asked, access),
};

const byRun = inside(one('run', 'run_id'), 'path');
const byModel = (path: string): Rule => inside(one('logged-model', 'model_id'), path);

export const ARTIFACT_RULES: RulesByCall = {
  listArtifacts: list,
  download_artifact: byPath,
  downloadArtifact: byPath,
  upload_artifact: byPath,
  uploadArtifact: byPath,
  deleteArtifact: byPath,
  getPresignedDownloadUrl: byPath,
  createMultipartUpload: byPathWithFile,
  completeMultipartUpload: byPathWithFile,
  abortMultipartUpload: byPathWithFile,
  createPresignedDownloadUrl: byRun,
  createPresignedUploadUrl: inside(runOrModel, 'path'),
  serve_artifacts: byRun,
  serve_upload_artifact: inside(one('run', 'run_uuid'), 'path'),
  serve_model_version_artifact: inside(one('registered-name', 'name'), 'path'),
  serve_get_trace_artifact: lookedUpAgain(inside(one('trace', 'request_id'), 'path')),
  serve_get_logged_model_artifact: byModel('artifact_file_path'),
  listLoggedModelArtifacts: byModel('artifact_directory_path'),
};

/** A resource is named by its id, together with a path inside of it that must not lead out. */
function inside(source: Source, path: string): Rule {
  const byId = needs(source);
  return {
    ...byId,
    judge: (asked, access) => {
      for (const { text } of asked.read(path)) refuseFault(tailFault(text));
      return byId.judge(asked, access);
    },
  };
}

/** MLflow wants exactly one of them. */
function runOrModel(asked: AskedRequest): ReturnType<Source> {
  const model = asked.one('model_id');
  if (model.text === '') return one('run', 'run_id')(asked);
  if (asked.has('run_id')) throw ambiguous('both "run_id" and "model_id" are given');
  return one('logged-model', 'model_id')(asked);
}

function pathOf(asked: AskedRequest): Value {
  if (DOUBLED.test(asked.parts.rawPath)) throw ambiguous('its path has doubled slashes');
  return asked.one('artifact_path');
}

function judgePath(asked: AskedRequest, access: Access, value: Value): Later<Ruling> {
  const place = readArtifactPath(value.text);
  if ('fault' in place) throw faulty(place.fault);
  const ofAnotherWorkspace =
    'workspace' in place && place.workspace !== undefined && place.workspace !== access.workspace;
  if (place.kind === 'root' && !ofAnotherWorkspace && value.at.startsWith('query'))
    return listOfExperiments(access);
  const isOfExperiment = place.kind === 'experiment' && !ofAnotherWorkspace;
  const need = isOfExperiment
    ? needOf(asked, 'experiment', { text: place.experimentId, at: value.at })
    : needOf(asked, 'artifact-path', value);
  return then(access.decide([need]), (verdict) =>
    verdict.lacking === undefined
      ? { verdict, ...modelThatIsEnough(place, asked, access) }
      : then(otherOwner(place, asked, access), (owner) =>
          owner === undefined
            ? { verdict }
            : { verdict: openedBy(owner, verdict.lacking as Finding, access) },
        ),
  );
}

/** A grant for a model is enough to read its files. The experiment that holds them need not be granted. */
function modelThatIsEnough(
  place: ArtifactPlace,
  { route }: AskedRequest,
  access: Access,
): Pick<Ruling, 'enough'> {
  if (route.action !== 'read' || place.kind === 'root') return {};
  const model = access.artifacts.knownModel(place.path, access);
  return model === undefined ? {} : { enough: model };
}

/** Other owners that may allow it: a model, for reading, and an experiment with a location of its own. */
function otherOwner(place: ArtifactPlace, { route }: AskedRequest, access: Access): Later<Owner | undefined> {
  if (place.kind === 'root') return undefined;
  const { artifacts } = access;
  const model = route.action === 'read' ? artifacts.modelOf(place.path, access) : undefined;
  return then(model, (found) =>
    found === undefined && place.kind === 'elsewhere'
      ? artifacts.experimentAt(place.path, route.action, access)
      : found,
  );
}

function openedBy(owner: Owner, { need }: Finding, { grants }: Access): Ruling['verdict'] {
  const grant = grants.grantFor(owner, need.level);
  const finding: Finding = { need, owners: [owner], quantifier: 'any', how: 'looked_up', grant };
  return { findings: [finding], lacking: undefined };
}

/** The root holds a folder for each experiment: those that are not granted are left out of the answer. */
function listOfExperiments(access: Access): Later<Ruling> {
  return then(access.directory.readableExperiments(access), (ids): Ruling => {
    const granted = new Set(ids);
    const isOpen = (path: unknown): boolean => typeof path === 'string' && granted.has(path);
    return { verdict: OPEN, plan: { answerFilter: rowFilter('files', { of: ({ path }) => isOpen(path) }) } };
  });
}

function refuseFault(fault: string | undefined): void {
  if (fault !== undefined) throw faulty(fault);
}

function faulty(fault: string): ProblemError {
  return ambiguous(`the artifact path ${fault}`);
}
