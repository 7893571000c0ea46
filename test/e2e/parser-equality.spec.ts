import { MLFLOW_VENVS } from '../../scripts/prepare/python-venv.mjs';
import { isFullRun } from '../support/run/full-run.js';
import { startGrantSystem, type GrantSystem } from '../support/systems/grant-system.js';
import { MLFLOW_ON_POSTGRES, sharedMlflow } from '../support/mlflow/mlflow-server.js';
import { oddRequest, wire, type OddRequest, type Target } from '../support/mlflow/odd-requests.js';
import { seededRandom } from '../support/lib/random.js';
import { sendRaw, statusOf } from '../support/lib/raw-request.js';

const FULL = 'key-of-all-0123456789abcdef';
const KEY = 'key-of-team-a-0123456789abcdef';
const V2 = '/api/2.0/mlflow';
const SEED = Number(process.env['PARSER_SEED'] ?? 20261126);
const REQUESTS = isFullRun ? 6000 : 500;
const AT_ONCE = 4;

interface Things {
  readonly own: string;
  readonly foreign: string;
  readonly ownRun: string;
  readonly foreignRun: string;
}

/**
 * The same bytes go to MLflow itself and through a gateway by a key that may use the own things alone. Each names a tag
 * of its own; where that lies afterwards is what was acted on.
 */
describe.each([...MLFLOW_VENVS, MLFLOW_ON_POSTGRES])(
  'requests in odd forms, read by %s and by the gateway',
  (version) => {
    // The store changes which rows are found, and not how requests are read.
    const requests = version === MLFLOW_ON_POSTGRES ? REQUESTS / 2 : REQUESTS;
    let mlflowUrl: string;
    let system: GrantSystem;
    let things: Things;

    beforeAll(async () => {
      mlflowUrl = (await sharedMlflow(version)).url;
      system = await startGrantSystem(mlflowUrl);
      system.know(FULL, ['mlflow:access'], undefined);
      const experiment = async (whose: string): Promise<string> =>
        String(
          (await full('POST', 'experiments/create', { name: `parsers-${process.pid}-${whose}` }))[
            'experiment_id'
          ],
        );
      const run = async (experiment_id: string): Promise<string> => {
        const body = await full('POST', 'runs/create', { experiment_id });
        return (body['run'] as { info: { run_id: string } }).info.run_id;
      };
      const own = await experiment('own');
      const foreign = await experiment('foreign');
      things = { own, foreign, ownRun: await run(own), foreignRun: await run(foreign) };
      system.know(KEY, ['mlflow:write'], { experiments: [{ id: own, level: 'write' }] });
    });
    afterAll(() => system?.close());

    async function full(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
      const reply = await system.ask(FULL, { method, path: `${V2}/${path}`, body });
      if (reply.status !== 200) throw new Error(`${path}: ${reply.text}`);
      return reply.body;
    }

    function targets(): Target[] {
      const experiments = { own: things.own, foreign: things.foreign };
      const runs = { own: things.ownRun, foreign: things.foreignRun };
      const pair = (key: string): string[] => [`"key":"${key}"`, '"value":"v"'];
      const list = (key: string): string[] => [`"tags":[{"key":"${key}","value":"v"}]`];
      return [
        {
          path: `${V2}/experiments/set-experiment-tag`,
          names: ['experiment_id'],
          ids: experiments,
          tagMembers: pair,
        },
        { path: `${V2}/runs/set-tag`, names: ['run_id', 'run_uuid'], ids: runs, tagMembers: pair },
        { path: `${V2}/runs/log-batch`, names: ['run_id'], ids: runs, tagMembers: list },
      ];
    }

    /** Tags of each thing, which say what reached it. */
    async function reached(): Promise<{ own: ReadonlySet<string>; foreign: ReadonlySet<string> }> {
      const tagsOf = async (path: string, name: string): Promise<string[]> => {
        const thing = (await full('GET', path))[name] as { tags?: Tag[]; data?: { tags?: Tag[] } };
        return (thing.tags ?? thing.data?.tags ?? []).map(({ key }) => key);
      };
      const both = async (experiment: string, run: string): Promise<ReadonlySet<string>> =>
        new Set([
          ...(await tagsOf(`experiments/get?experiment_id=${experiment}`, 'experiment')),
          ...(await tagsOf(`runs/get?run_id=${run}`, 'run')),
        ]);
      return {
        own: await both(things.own, things.ownRun),
        foreign: await both(things.foreign, things.foreignRun),
      };
    }

    it(`act on the own thing or on nothing through the gateway, and on the same one without it (seed ${SEED})`, async () => {
      const all = targets();
      // Twice the same choices: only the name of the tag tells the two ways apart, and both are as long as each other.
      const made = (index: number, prefix: string): OddRequest =>
        oddRequest(all[index % all.length] as Target, `${prefix}${index}`, seededRandom(SEED + index));
      const sent = Array.from({ length: requests }, (_, index) => made(index, 'g'));
      const statuses = new Map<number, number>();
      const next = sent.entries();
      const send = async (): Promise<void> => {
        for (const [index, request] of next) {
          const direct = wire(made(index, 'd'), '', []);
          await sendRaw(mlflowUrl, direct.head, direct.body).catch(() => '');
          const through = wire(request, '/mlflow', [`Authorization: Bearer ${KEY}`]);
          statuses.set(index, statusOf(await sendRaw(system.gateway.url, through.head, through.body)));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, send));

      const { own, foreign } = await reached();
      const at = (prefix: string, set: ReadonlySet<string>): number[] =>
        [...sent.keys()].filter((index) => set.has(`${prefix}${index}`));
      const describeAt = (indexes: readonly number[]): string[] => indexes.map((index) => shown(sent[index]));
      // Nothing of others is reached, with any bytes.
      expect(describeAt(at('g', foreign))).toEqual([]);
      // What passes acts where the same bytes act on MLflow itself.
      const directOwn = new Set(at('d', own));
      expect(
        describeAt(at('g', own).filter((index) => !directOwn.has(index) && !sent[index]?.chunked)),
      ).toEqual([]);
      // What is not refused reaches its thing: the gateway reads no more into it than MLflow.
      const passed = [...statuses].filter(([, status]) => status === 200).map(([index]) => index);
      expect(describeAt(passed.filter((index) => !own.has(`g${index}`) && isWrite(sent[index])))).toEqual([]);
      // The corpus bites: without the gateway many of them reach what is foreign.
      expect(at('d', foreign).length).toBeGreaterThan(requests / 10);
      expect(at('g', own).length).toBeGreaterThan(requests / 20);
    }, 600_000);
  },
);

interface Tag {
  readonly key: string;
}

function isWrite(request: OddRequest | undefined): boolean {
  return request?.method === 'POST';
}

function shown(request: OddRequest | undefined): string {
  if (request === undefined) return '';
  const { method, path, headers, body, chunked } = request;
  return `${method} ${path} ${headers.join(' | ')}${chunked ? ' chunked' : ''} ${body.toString('latin1')}`;
}
