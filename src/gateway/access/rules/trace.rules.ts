import { decide, verdictOf, type Need, type Resolved } from '../grants/decide.js';
import { ambiguous } from '../reading/ambiguous.js';
import type { AskedRequest, Value } from '../reading/asked-request.js';
import { isPlaceOfFiles, LOCATION_TAG } from '../reading/trace-tags.js';
import { foreignAssessment } from '../resolve/trace-assessments.js';
import { presentTraceLocation } from '../resolve/trace-location.js';
import { checkedAgain, lookedUpAgain } from './answer-checks.js';
import {
  each,
  needs,
  one,
  tagsOf,
  type Access,
  type Rule,
  type RulesByCall,
  type Ruling,
  type Source,
} from './rule.js';

/** Some versions call the path's parameter `request_id`, some `trace_id`. */
const byPath = needs(pathTrace);

const V3_TRACE = 'trace.trace_info.trace_id';
const V3_ASSESSMENTS = 'trace.trace_info.assessments[]';
const V3_EXPERIMENT = 'trace.trace_info.trace_location.mlflow_experiment.experiment_id';

const ISSUE_ID = /^iss-[0-9a-f]{32}$/i;

export const TRACE_RULES: RulesByCall = {
  startTrace: { judge: (asked, access) => startTrace(asked, access, startsV3(asked)) },
  startTraceV3: { judge: (asked, access) => startTrace(asked, access, true) },
  endTrace: withBody({ judge: judgeEnd }),
  getTraceInfo: checkedAgain(byPath),
  getTraceInfoV3: checkedAgain(byPath),
  getTrace: checkedAgain(needs(one('trace', 'trace_id'))),
  setTraceTag: withBody(needs(pathTrace, locationTag)),
  setTraceTagV3: withBody(needs(pathTrace, locationTag)),
  deleteTraceTag: byPath,
  deleteTraceTagV3: byPath,
  // MLflow deletes what lies in the experiment and leaves the rest of the ids alone.
  deleteTraces: needs(one('experiment', 'experiment_id')),
  deleteTracesV3: needs(one('experiment', 'experiment_id')),
  linkTracesToRun: needs(one('run', 'run_id'), each('trace', 'trace_ids[]')),
  linkPromptsToTrace: needs(one('trace', 'trace_id'), each('prompt', 'prompt_versions[].name', 'read')),
  createAssessment: needs(pathTrace, sameTrace, issue('assessment.assessment_name')),
  updateAssessment: needs(pathTrace, sameTrace, issue('assessment.assessment_name')),
  getAssessment: lookedUpAgain(byPath),
  deleteAssessment: byPath,
};

function pathTrace(asked: AskedRequest): ReturnType<Source> {
  return one('trace', 'trace_id' in asked.parts.path ? 'trace_id' : 'request_id')(asked);
}

/** The path decides. A body that names another trace is refused, because some other reader could use it. */
function sameTrace(asked: AskedRequest): ReturnType<Source> {
  for (const { text } of asked.read('assessment.trace_id'))
    if (text !== asked.parts.path['trace_id']) throw ambiguous('"assessment.trace_id" differs from the path');
  return [];
}

/** An assessment with the id of an issue as its name counts as one of that issue's traces. */
function issue(name: string): Source {
  return (asked) =>
    asked
      .read(name)
      .flatMap(({ text, at }): Need[] =>
        ISSUE_ID.test(text) ? [{ named: { kind: 'issue', id: text, at }, level: 'read' }] : [],
      );
}

/** Clients of MLflow 2 send back at the end of a trace what they were told at its start, and where its files are. */
async function judgeEnd(asked: AskedRequest, access: Access): Promise<Ruling> {
  const trace = pathTrace(asked);
  const verdict = await access.decide(trace);
  const given = locationTags(asked);
  if (verdict.lacking !== undefined || given.length === 0) return { verdict };
  const [{ named } = { named: { id: '' } }] = trace;
  const present = await presentTraceLocation(access.lookup, named.id, access);
  const places = tagsOf(asked).flatMap(({ key, value }) =>
    isPlaceOfFiles(textOf(key)) ? [[key, value]] : [],
  );
  const isSame = places.every(([key, value]) => key === LOCATION_TAG && value === present);
  return { verdict: isSame ? verdict : await access.decide([...trace, ...given]) };
}

function locationTag(asked: AskedRequest): ReturnType<Source> {
  const { text } = asked.one('key');
  return isPlaceOfFiles(text) ? [location(text, 'body key')] : [];
}

function location(tag: string, at: string): Need {
  return { named: { kind: 'storage-location', id: tag, at }, level: 'write' };
}

/** 3.1 takes the trace of the newer call here. */
function startsV3(asked: AskedRequest): boolean {
  return !asked.has('experiment_id') && asked.has(V3_TRACE);
}

/**
 * Some versions move an existing trace to the experiment that the request names. So its present experiment is looked
 * up now, without the cache.
 */
async function startTrace(asked: AskedRequest, access: Access, isV3: boolean): Promise<Ruling> {
  const named = one('experiment', isV3 ? V3_EXPERIMENT : 'experiment_id')(asked);
  // If a request has both forms, both must be granted, because versions differ in which one they read.
  const other = isV3 ? [] : each('experiment', V3_EXPERIMENT)(asked);
  const issues = issue(`${V3_ASSESSMENTS}.assessment_name`)(asked);
  const verdict = await access.decide([...named, ...other, ...locationTags(asked), ...issues]);
  if (verdict.lacking !== undefined) return { verdict };
  const [trace = { text: '', at: V3_TRACE }] = asked.read(V3_TRACE);
  const present = trace.text === '' ? [] : await presentTrace(asked, trace, access);
  const whole = verdictOf([...verdict.findings, ...decide(present, access.grants).findings]);
  if (whole.lacking !== undefined) return { verdict: whole };
  const foreign = await foreignAssessments(asked, trace.text, access);
  return { verdict: verdictOf([...whole.findings, ...decide(foreign, access.grants).findings]) };
}

async function presentTrace(
  asked: AskedRequest,
  { text: id, at }: Value,
  access: Access,
): Promise<Resolved[]> {
  for (const { text } of asked.read(`${V3_ASSESSMENTS}.trace_id`))
    if (text !== id) throw ambiguous('an assessment names another trace');
  const present = await access.owners.now({ named: { kind: 'trace', id, at }, level: 'write' }, access);
  return present.owners.length === 0 ? [] : [present];
}

/** MLflow finds an assessment by its id alone, and takes it from the trace that it belongs to. */
async function foreignAssessments(asked: AskedRequest, trace: string, access: Access): Promise<Resolved[]> {
  const values = ['assessment_id', 'overrides'].flatMap((name) => asked.read(`${V3_ASSESSMENTS}.${name}`));
  const given = values.filter(({ text }) => text !== '');
  const foreign = await foreignAssessment(access.lookup, trace, given, access);
  if (foreign === undefined) return [];
  const need: Need = { named: { kind: 'assessment', id: foreign.text, at: foreign.at }, level: 'write' };
  return [{ need, owners: [], quantifier: 'all', how: 'looked_up' }];
}

/** As a list of pairs in the older form, as a map in the newer one. */
function locationTags(asked: AskedRequest): Need[] {
  const tags = [
    ...asked.read('tags[].key').map(({ text }) => text),
    ...asked.members('trace.trace_info.tags'),
  ];
  return tags.filter(isPlaceOfFiles).map((tag) => location(tag, 'body tags'));
}

/** The body has no id, but it says what is done to the trace. */
function withBody(rule: Rule): Rule {
  return { ...rule, body: 'message' };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
