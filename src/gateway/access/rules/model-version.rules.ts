import { isRunId } from '../../../lib/canonical-id.js';
import { ambiguous } from '../reading/ambiguous.js';
import { isBelow, tailFault } from '../reading/artifact-path.js';
import type { AskedRequest, Value } from '../reading/asked-request.js';
import { PROMPT_SOURCES, readModelSource } from '../reading/model-source.js';
import { then, type Later } from '../resolve/later.js';
import type { Need } from '../grants/decide.js';
import { each, needOf, needs, one, type Access, type Rule, type RulesByCall, type Source } from './rule.js';

/** Of an answer with one address. */
const MAX_LEARNED_BYTES = 64 * 1024;

/** Calls about versions of models that are also about the files of a version. */
export const MODEL_VERSION_RULES: RulesByCall = {
  createModelVersion: { judge: judgeCreation },
  getModelVersionDownloadUri: learningRoot(needs(one('registered-name', 'name'), plainVersion)),
};

/** MLflow finds version 1 by `01` too. */
export function plainVersion(asked: AskedRequest): ReturnType<Source> {
  for (const { text } of asked.read('version'))
    if (!/^[1-9]\d{0,9}$/.test(text)) throw ambiguous('"version" is no plain number');
  return [];
}

/**
 * Everybody who may read the model can read the files of its versions. So whoever creates a version must be allowed to
 * read these files.
 */
function judgeCreation(asked: AskedRequest, access: Access): ReturnType<Rule['judge']> {
  const named = [
    ...one('registered-name', 'name')(asked),
    ...each('run', 'run_id', 'read')(asked),
    ...each('logged-model', 'model_id', 'read')(asked),
  ];
  return then(access.decide(named), (verdict) =>
    verdict.lacking !== undefined
      ? { verdict }
      : then(sourceNeeds(asked, access), (source) =>
          then(access.decide([...named, ...source]), (whole) => ({ verdict: whole })),
        ),
  );
}

function sourceNeeds(asked: AskedRequest, access: Access): Later<readonly Need[]> {
  const value = asked.one('source');
  const { text, at } = value;
  if (PROMPT_SOURCES.has(text)) return [];
  const source = readModelSource(text);
  const need = (kind: 'run' | 'logged-model' | 'registered-name' | 'experiment', id: string): Need[] => [
    needOf(asked, kind, { text: id, at }, 'read'),
  ];
  switch (source?.kind) {
    case 'run':
      return need('run', source.runId);
    case 'logged-model':
      return need('logged-model', source.modelId);
    case 'model':
      return need('registered-name', source.name);
    case 'experiment':
      return need('experiment', source.experimentId);
    case undefined:
      return then(isOfItsRun(value, asked, access), (isOfRun) =>
        isOfRun ? [] : [needOf(asked, 'storage-location', value, 'read')],
      );
    default:
      return source satisfies never;
  }
}

/** Where clients reach the store themselves, the source is the place of the run that the request names, which is open. */
async function isOfItsRun({ text }: Value, asked: AskedRequest, access: Access): Promise<boolean> {
  const { text: run } = asked.one('run_id');
  if (!isRunId(run) || tailFault(text) !== undefined) return false;
  const path = `/api/2.0/mlflow/runs/get?run_id=${run}`;
  const answer = await access.lookup.get(path, access);
  const info = answer.found
    ? (answer.body as { run?: { info?: { artifact_uri?: unknown } } }).run?.info
    : undefined;
  const place = info?.artifact_uri;
  return typeof place === 'string' && place !== '' && isBelow(text, place);
}

/** The client asks for the files after this answer. */
function learningRoot(rule: Rule): Rule {
  return {
    ...rule,
    judge: (asked, access) =>
      then(rule.judge(asked, access), (ruling) => ({
        ...ruling,
        plan: { learn: { maxBytes: MAX_LEARNED_BYTES, read: (body) => learn(body, asked, access) } },
      })),
  };
}

function learn(body: Buffer | undefined, asked: AskedRequest, { artifacts, workspace }: Access): void {
  try {
    const answer = JSON.parse(body?.toString('utf8') ?? '') as { artifact_uri?: unknown };
    artifacts.learnRoot(asked.one('name').text, answer.artifact_uri, workspace);
  } catch {
    // In that case MLflow is asked when the files are requested.
  }
}
