import { HEADER_WORKSPACE } from '../../../contracts/http/headers.js';
import type { ForwardPlan } from '../../principal/forward-plan.js';
import { without } from './request-headers.js';

/** The body was replaced, or is sent in one piece: the sender sets its length. */
const OF_BODY = ['content-length'];
/** With these the answer may be partial, or compressed and unreadable. */
const OF_ANSWER = [
  'accept-encoding',
  'range',
  'if-range',
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-unmodified-since',
];
/** Both spellings are one header for WSGI servers. */
const OF_WORKSPACE = [HEADER_WORKSPACE, HEADER_WORKSPACE.replaceAll('-', '_')];

/** Headers for MLflow, flat pairs, with the changes of a plan. */
export function plannedHeaders(headers: string[], plan: ForwardPlan): string[] {
  const dropped = [
    ...(plan.body === undefined ? [] : OF_BODY),
    ...((plan.answerFilter ?? plan.answerCheck) ? OF_ANSWER : []),
    ...(plan.workspace === undefined ? [] : OF_WORKSPACE),
  ];
  const planned = dropped.length === 0 ? headers : without(headers, dropped);
  if (typeof plan.workspace === 'string') planned.push(HEADER_WORKSPACE, plan.workspace);
  return planned;
}
