import type { AnswerFilter } from '../../principal/forward-plan.js';
import type { Access } from '../rules/rule.js';
import { everyListFilter } from './answer-filter.js';
import { readableNames } from './searched-list.js';

/** Leaves the versions of other models out of every list of them, wherever in an answer of GraphQL it stands. */
export function modelVersionsFilter(access: Access): AnswerFilter {
  return everyListFilter('modelVersions', {
    of: ({ name }) => typeof name === 'string' && name !== '' && name,
    open: (names) => readableNames(names, access),
  });
}
