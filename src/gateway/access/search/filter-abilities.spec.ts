import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import type { LookupAnswer, MlflowLookup } from '../resolve/mlflow-lookup.js';
import { FilterAbilities } from './filter-abilities.js';

describe('whether MLflow takes lists in its filters', () => {
  const clock = new ManualClock();
  let asked: string[];
  let answer: () => Promise<LookupAnswer>;
  let abilities: FilterAbilities;
  beforeEach(() => {
    asked = [];
    answer = () => Promise.resolve({ found: true, body: {} });
    const get = (path: string): Promise<LookupAnswer> => {
      asked.push(decodeURIComponent(path));
      return answer();
    };
    abilities = new FilterAbilities({ get } as unknown as MlflowLookup, clock);
  });

  it('is asked with a filter that has one, for each kind of list once in ten minutes', async () => {
    expect(await abilities.takesLists('experiments')).toBe(true);
    expect(await abilities.takesLists('experiments')).toBe(true);
    expect(await abilities.takesLists('registered-models')).toBe(true);
    expect(asked).toEqual([
      "/api/2.0/mlflow/experiments/search?max_results=1&filter=experiment_id IN ('0')",
      "/api/2.0/mlflow/registered-models/search?max_results=1&filter=name IN ('0')",
    ]);
    clock.advance(599_000);
    await abilities.takesLists('experiments');
    expect(asked).toHaveLength(2);
    clock.advance(1000);
    answer = () => Promise.resolve({ found: false, served: true });
    expect(await abilities.takesLists('experiments')).toBe(false);
    expect(asked).toHaveLength(3);
  });

  it('is asked once by many at the same time', async () => {
    await Promise.all([1, 2, 3].map(() => abilities.takesLists('experiments')));
    expect(asked).toHaveLength(1);
  });

  it('is asked again after MLflow could not be reached, which does not count as a no', async () => {
    answer = () => Promise.reject(new ProblemError('lookup-unavailable'));
    await expect(abilities.takesLists('experiments')).rejects.toThrow(ProblemError);
    answer = () => Promise.resolve({ found: true, body: {} });
    expect(await abilities.takesLists('experiments')).toBe(true);
  });
});
