import type { Need } from '../grants/decide.js';
import type { AskedRequest } from '../reading/asked-request.js';
import { then } from '../resolve/later.js';
import { IS_PROMPT_TAG } from '../resolve/questions.js';
import { checkedAgain } from './answer-checks.js';
import { MODEL_VERSION_RULES, plainVersion } from './model-version.rules.js';
import {
  needOf,
  needs,
  one,
  onSuccess,
  tagsOf,
  type Access,
  type Rule,
  type RulesByCall,
  type Source,
} from './rule.js';

const byName = needs(one('registered-name', 'name'), plainVersion);

export const REGISTRY_RULES: RulesByCall = {
  createRegisteredModel: forgetting(needs(created)),
  getRegisteredModel: checkedAgain(byName),
  updateRegisteredModel: byName,
  deleteRegisteredModel: forgetting(byName),
  renameRegisteredModel: forgetting({ judge: judgeRename }),
  getLatestVersions: byName,
  setRegisteredModelTag: forgetting(needs(one('registered-name', 'name'), turned)),
  deleteRegisteredModelTag: forgetting(needs(one('registered-name', 'name'), turned)),
  setRegisteredModelAlias: byName,
  deleteRegisteredModelAlias: byName,
  getModelVersionByAlias: byName,
  getModelVersion: byName,
  ...MODEL_VERSION_RULES,
  updateModelVersion: byName,
  deleteModelVersion: byName,
  transitionModelVersionStage: byName,
  setModelVersionTag: byName,
  deleteModelVersionTag: byName,
};

/**
 * The tags say what is created, because MLflow has one call for models and prompts. If they say both, both must be
 * granted.
 */
function created(asked: AskedRequest): ReturnType<Source> {
  const said = tagsOf(asked).filter(({ key }) => isPromptTag(key));
  const [{ key, value } = { key: IS_PROMPT_TAG, value: 'false' }] = said;
  if (said.length > 1 || key !== IS_PROMPT_TAG) return eitherKind(asked);
  const isPrompt = typeof value === 'string' && value.toLowerCase() === 'true';
  return one(isPrompt ? 'prompt' : 'model', 'name')(asked);
}

/** Some databases find a tag in another case, or with blanks behind it. */
function isPromptTag(key: unknown): boolean {
  return typeof key === 'string' && key.trim().toLowerCase() === IS_PROMPT_TAG;
}

function eitherKind(asked: AskedRequest): ReturnType<Source> {
  return [...one('model', 'name')(asked), ...one('prompt', 'name')(asked)];
}

/** With this tag a model becomes a prompt, and without it a prompt a model: both have to be granted. */
function turned(asked: AskedRequest): ReturnType<Source> {
  return isPromptTag(asked.one('key').text) ? eitherKind(asked) : [];
}

/** The new name has to be granted for what the old one is. */
function judgeRename(asked: AskedRequest, access: Access): ReturnType<Rule['judge']> {
  const old: readonly Need[] = one('registered-name', 'name')(asked);
  return then(access.decide(old), (verdict) => {
    const owner = verdict.findings[0]?.owners[0];
    if (verdict.lacking !== undefined || owner === undefined) return { verdict };
    const kind = owner.kind === 'prompt' ? 'prompt' : 'model';
    const renamed = needOf(asked, kind, asked.one('new_name'));
    return then(access.decide([...old, renamed]), (both) => ({ verdict: both }));
  });
}

/** Once MLflow has accepted the change, what was cached of the name is outdated. */
function forgetting(rule: Rule): Rule {
  return {
    ...rule,
    judge: (asked, access) =>
      then(rule.judge(asked, access), (ruling) => ({
        ...ruling,
        plan: onSuccess(ruling.plan, () => {
          access.searches.registered.forget();
          for (const { text } of [...asked.read('name'), ...asked.read('new_name')])
            access.owners.forget('registered-name', text, access.workspace);
        }),
      })),
  };
}
