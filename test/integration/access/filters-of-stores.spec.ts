import { isFullRun } from '../../support/run/full-run.js';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { MLFLOW_ON_POSTGRES, sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { MlflowThings } from '../../support/mlflow/mlflow-things.js';
import { seededRandom } from '../../support/lib/random.js';

const FULL = 'key-of-all-0123456789abcdef';
const KEY = 'key-of-team-a-0123456789abcdef';
const V2 = '/api/2.0/mlflow';
const SEED = Number(process.env['FILTER_SEED'] ?? 20261126);
const QUERIES = isFullRun ? 600 : 60;

/** Ends of names: what one store takes for the same as another, or a wildcard of LIKE for any character. */
const OWN = ['own-a', 'own-B', 'own_c', 'own%d', "own-'e", 'own-ü', 'own-a a'];
const FOREIGN = ['OWN-a', 'Own-B', 'ownXc', 'own_cc', 'ownXd', 'öwn-a', 'own', 'zz-own-a', 'other'];

type Pick = <Value>(values: readonly Value[]) => Value;
interface Query {
  readonly list: 'experiments' | 'registered-models' | 'model-versions' | 'runs';
  readonly body: Record<string, unknown>;
}

/**
 * Case, wildcards, quotes and order are the store's. Whatever a filter comes to there, a key sees of it what it is granted:
 * the rows that somebody sees who sees all, without the others, in the same order.
 */
describe.each(['mlflow', 'mlflow-2.22', MLFLOW_ON_POSTGRES])('filters and orders of %s', (version) => {
  let system: GrantSystem;
  let prefix: string;
  let experiments: string[];
  let own: ReadonlySet<string>;

  beforeAll(async () => {
    system = await startGrantSystem((await sharedMlflow(version)).url);
    system.know(FULL, ['mlflow:access'], undefined);
    const things = new MlflowThings(system);
    prefix = things.name('filters');
    const made = new Map<string, string>();
    for (const end of [...OWN, ...FOREIGN]) {
      const name = `${prefix}-${end}`;
      const experiment = await things.experiment(name);
      made.set(name, experiment);
      for (let n = 0; n < 2; n++) await taggedRun(experiment, end);
      await things.model(name, await taggedRun(experiment, end));
    }
    experiments = [...made.values()];
    const names = OWN.map((end) => ({ name: `${prefix}-${end}`, level: 'read' as const }));
    own = new Set([...names.map(({ name }) => name), ...names.map(({ name }) => made.get(name) as string)]);
    system.know(KEY, ['mlflow:read'], { experiments: names, models: names });
  }, 300_000);
  afterAll(() => system?.close());

  async function taggedRun(experiment_id: string, end: string): Promise<string> {
    const body = { experiment_id, run_name: end, tags: [{ key: 'end', value: end }] };
    const reply = await system.ask(FULL, { method: 'POST', path: `${V2}/runs/create`, body });
    return (reply.body['run'] as { info: { run_id: string } }).info.run_id;
  }

  const ask = (key: string, { list, body }: Query): Promise<Reply> => {
    if (list === 'experiments' || list === 'runs')
      return system.ask(key, { method: 'POST', path: `${V2}/${list}/search`, body });
    const pairs = Object.entries(body).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `${name}=${encodeURIComponent(String(one))}`),
    );
    return system.ask(key, { path: `${V2}/${list}/search?${pairs.join('&')}` });
  };

  /** Each row by itself and by what grants are about, over all pages; the refusal of the first where it is one. */
  async function walk(key: string, query: Query): Promise<{ status: number; rows: [string, string][] }> {
    const rows: [string, string][] = [];
    for (let token: unknown = undefined, pages = 0; pages < 60; pages++) {
      const body = token === undefined ? query.body : { ...query.body, page_token: token };
      const reply = await ask(key, { ...query, body });
      if (reply.status !== 200) return { status: reply.status, rows };
      rows.push(...rowsOf(query.list, reply));
      token = reply.body['next_page_token'];
      if (token === undefined || token === '') return { status: 200, rows };
    }
    throw new Error('the pages have no end');
  }

  it(`show what is granted, and nothing else (seed ${SEED})`, async () => {
    let found = 0;
    let refused = 0;
    for (let index = 0; index < QUERIES; index++) {
      const query = randomQuery(seededRandom(SEED + index), prefix, experiments);
      const all = await walk(FULL, { ...query, body: { ...query.body, max_results: 200 } });
      const seen = await walk(KEY, query);
      const shown = JSON.stringify(query);
      expect([shown, seen.rows.filter(([, owner]) => !own.has(owner))]).toEqual([shown, []]);
      expect([shown, seen.status]).toEqual([shown, all.status]);
      const granted = all.rows.filter(([, owner]) => own.has(owner));
      expect([shown, seen.rows.map(([row]) => row)]).toEqual([shown, granted.map(([row]) => row)]);
      if (granted.length > 0 && granted.length < all.rows.length) found += 1;
      if (all.status === 400) refused += 1;
    }
    // The corpus bites: many queries find own rows and foreign ones, and some are none that MLflow takes.
    expect(found).toBeGreaterThan(QUERIES / 5);
    expect(refused).toBeGreaterThan(0);
  }, 600_000);
});

/** A run has `info`; everything else a name. */
interface Row {
  readonly name?: string;
  readonly version?: string;
  readonly info?: { readonly run_id: string; readonly experiment_id: string };
}

function rowsOf(list: Query['list'], { body }: Reply): [string, string][] {
  const rows = (body[list.replace('-', '_')] ?? []) as Row[];
  return rows.map(({ name = '', version = '', info }) =>
    info === undefined ? [`${name} ${version}`, name] : [info.run_id, info.experiment_id],
  );
}

function randomQuery(random: () => number, prefix: string, experiments: readonly string[]): Query {
  const pick: Pick = (values) => values[Math.floor(random() * values.length)] as (typeof values)[number];
  const list = pick(['experiments', 'registered-models', 'model-versions', 'runs'] as const);
  const clauses = Array.from({ length: pick([0, 1, 1, 2]) }, () => clauseOf(list, prefix, pick));
  if (list !== 'runs')
    clauses.push(pick([`name LIKE '${prefix}%'`, `name ILIKE '${prefix.toUpperCase()}%'`]));
  const order = Array.from({ length: pick([0, 0, 1, 1, 2]) }, () => pick(ORDERS[list]));
  return {
    list,
    body: {
      ...(clauses.length > 0 && { filter: clauses.join(pick([' AND ', ' and ', '  AND\n'])) }),
      ...(order.length > 0 && { order_by: order }),
      max_results: pick([1, 2, 3, 5, 100]),
      ...(list === 'runs' && { experiment_ids: experiments }),
      ...(list === 'experiments' && pick([true, false]) && { view_type: pick(['ALL', 'ACTIVE_ONLY']) }),
    },
  };
}

const ORDERS: Readonly<Record<Query['list'], readonly string[]>> = {
  experiments: [
    'name',
    'name DESC',
    'name ASC',
    'experiment_id DESC',
    'last_update_time DESC',
    'NAME',
    'none',
  ],
  'registered-models': ['name', 'name DESC', 'name ASC', 'last_updated_timestamp DESC', '`name` ASC', 'none'],
  'model-versions': ['name ASC', 'name DESC', 'version_number DESC', 'creation_timestamp ASC', 'none'],
  runs: [
    'attributes.run_name DESC',
    'tags.end',
    'tags.`end` DESC',
    'attributes.start_time',
    'params.none ASC',
  ],
};

function clauseOf(list: Query['list'], prefix: string, pick: Pick): string {
  const end = pick([...OWN, ...FOREIGN]);
  const attribute = list === 'runs' ? pick(['tags.end', 'tags.`end`', 'attributes.run_name']) : 'name';
  const whole = list === 'runs' ? end : `${prefix}-${end}`;
  const comparator = pick(['=', '!=', 'LIKE', 'LIKE', 'ILIKE', 'ILIKE', 'IN', 'RLIKE']);
  const value = pick([
    whole,
    whole.toUpperCase(),
    `${whole.slice(0, -1)}_`,
    `${whole.slice(0, -2)}%`,
    `%${end}`,
    whole.replace('_', '\\_').replace('%', '\\%'),
    `%${end.slice(0, 3).toUpperCase()}%`,
    `${whole} `,
    `%' OR name LIKE '%`,
    '%',
  ]);
  const quoted = pick([`'${value}'`, `'${value}'`, `"${value}"`]);
  return `${attribute} ${comparator} ${comparator === 'IN' ? `(${quoted})` : quoted}`;
}
