import { startGrantSystem, type Asked, type GrantSystem, type Reply } from '../systems/grant-system.js';

export const V2 = '/api/2.0/mlflow';
export const V3 = '/api/3.0/mlflow';

/** Sees everything. */
export const FULL = 'key-of-all-0123456789abcdef';
/** The attacker: its own experiment A to write, models `<prefix>-a-*` to write, one prompt to read. */
export const KEY = 'key-of-team-a-0123456789abcdef';
/** The same with every scope and the highest level: what is refused is foreign. */
export const MANAGER = 'key-of-manager-0123456789abcdef';
/** Reads A alone. */
export const READER = 'key-of-reader-0123456789abcdef';

/** Two teams' things in one MLflow: A is granted to the attacker, B is not. */
export interface GrantedThings {
  /** Every name that is made begins with it, so that tests can share a server. */
  readonly prefix: string;
  readonly A: string;
  readonly B: string;
  readonly rA: string;
  readonly rB: string;
  readonly lA: string;
  readonly lB: string;
  readonly tA: string;
  readonly tB: string;
  readonly dA: string;
  readonly dB: string;
  readonly mA: string;
  readonly mB: string;
  readonly pA: string;
  readonly pB: string;
}

export interface AttackedSystem extends GrantSystem {
  readonly things: GrantedThings;
  /** Asks as somebody who sees everything; anything but 200 is an error. */
  full(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  trace(experiment: string, id?: string): Promise<string>;
}

/** @param mlflowUrl of an MLflow of 3.5 or later, which may have other things too */
export async function startAttackedSystem(
  mlflowUrl: string,
  env: Record<string, string> = {},
): Promise<AttackedSystem> {
  const system = await startGrantSystem(mlflowUrl, env);
  system.know(FULL, ['mlflow:access'], undefined);
  const full = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const reply: Reply = await system.ask(FULL, { method, path, body });
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    return reply.body;
  };
  const trace = async (experiment: string, id = `tr-${randomHex()}`): Promise<string> => {
    await full('POST', `${V3}/traces`, startTrace(id, experiment));
    return id;
  };
  const things = await makeThings(full, trace);
  const { A, prefix, pA } = things;
  const grants = (level: 'read' | 'write' | 'manage') => ({
    experiments: [{ id: A, level }],
    models: [{ name: `${prefix}-a-*`, level }],
  });
  system.know(KEY, ['mlflow:write', 'gateway:invoke'], {
    ...grants('write'),
    prompts: [{ name: pA, level: 'read' }],
    endpoints: [{ name: 'gpt-*', level: 'invoke' }],
  });
  system.know(MANAGER, ['mlflow:manage'], { ...grants('manage'), prompts: [{ name: pA, level: 'manage' }] });
  system.know(READER, ['mlflow:manage'], grants('read'));
  system.forwarded();
  return { ...system, things, full, trace };
}

async function makeThings(
  full: AttackedSystem['full'],
  trace: AttackedSystem['trace'],
): Promise<GrantedThings> {
  const prefix = `t${process.pid}-${Date.now().toString(36)}`;
  const experiment = async (name: string): Promise<string> =>
    String((await full('POST', `${V2}/experiments/create`, { name: `${prefix}-${name}` }))['experiment_id']);
  const run = async (experiment_id: string): Promise<string> =>
    infoOf(await full('POST', `${V2}/runs/create`, { experiment_id }), 'run')['run_id'] as string;
  const logged = async (experiment_id: string): Promise<string> =>
    infoOf(await full('POST', `${V2}/logged-models`, { experiment_id, name: 'm' }), 'model')[
      'model_id'
    ] as string;
  const dataset = async (id: string): Promise<string> => {
    const name = `${prefix}-d-${id}`;
    const body = await full('POST', `${V3}/datasets/create`, { name, experiment_ids: [id] });
    return (body['dataset'] as { dataset_id: string }).dataset_id;
  };
  const registered = async (name: string, isPrompt: boolean): Promise<string> => {
    const tags = isPrompt ? [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] : [];
    await full('POST', `${V2}/registered-models/create`, { name: `${prefix}-${name}`, tags });
    return `${prefix}-${name}`;
  };
  const A = await experiment('a');
  const B = await experiment('b');
  return {
    prefix,
    A,
    B,
    rA: await run(A),
    rB: await run(B),
    lA: await logged(A),
    lB: await logged(B),
    tA: await trace(A),
    tB: await trace(B),
    dA: await dataset(A),
    dB: await dataset(B),
    mA: await registered('a-x', false),
    mB: await registered('b-x', false),
    pA: await registered('prompt-a', true),
    pB: await registered('prompt-b', true),
  };
}

export function startTrace(trace_id: string, experiment_id: string, more: object = {}): object {
  return {
    trace: {
      trace_info: {
        trace_id,
        trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id } },
        request_time: '2026-01-01T00:00:00Z',
        state: 'OK',
        ...more,
      },
    },
  };
}

export function infoOf(body: Record<string, unknown>, name: string): Record<string, unknown> {
  return (body[name] as { info: Record<string, unknown> }).info;
}

export function randomHex(): string {
  return Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
}

/** One row of a table of attacks. */
export type Attack = readonly [
  title: string,
  key: string,
  asked: (things: GrantedThings) => Asked,
  status: number,
];

export const post = (path: string, body: object | string | Buffer, more: Partial<Asked> = {}): Asked => ({
  method: 'POST',
  path: path.startsWith('/') ? path : `${V2}/${path}`,
  body,
  ...more,
});
export const get = (path: string, more: Partial<Asked> = {}): Asked => ({
  path: path.startsWith('/') ? path : `${V2}/${path}`,
  ...more,
});

export const send = (method: string, path: string, body?: object): Asked => ({ method, path, body });

/** An attack by the key of team A that is answered 403, unless it names another key or status. */
export type AttackRow = readonly [
  title: string,
  asked: (things: GrantedThings) => Asked,
  key?: string,
  status?: number,
];

/** One test for each row. */
export function itRefuses(rows: readonly AttackRow[], system: () => AttackedSystem): void {
  it.each(rows.map(([title, asked, key = KEY, status = 403]) => ({ title, asked, key, status })))(
    '$title: refused before MLflow sees it',
    ({ title, asked, key, status }) => refused(system(), [title, key, asked, status]),
  );
}

/** The reply to an attack that is refused as it should be, and of which MLflow has seen nothing. */
export async function refused(system: AttackedSystem, [, key, asked, status]: Attack): Promise<void> {
  system.forwarded();
  const reply = await system.ask(key, asked(system.things));
  expect({ status: reply.status, forwarded: system.forwarded(), body: reply.body }).toEqual({
    status,
    forwarded: [],
    body: expect.objectContaining({
      error_code: status === 400 ? 'BAD_REQUEST' : 'PERMISSION_DENIED',
    }) as unknown,
  });
}
