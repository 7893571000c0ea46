import { MLFLOW_VENVS } from '../../../scripts/prepare/python-venv.mjs';
import {
  startGrantSystem,
  type Asked,
  type GrantSystem,
  type Reply,
} from '../../support/systems/grant-system.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { makeMlflowWorld, type MlflowWorld } from '../../support/mlflow/mlflow-world.js';

const KEY = 'key-of-team-a-0123456789abcdef';
const READER = 'key-of-reader-0123456789abcdef';
const DEPLOYER = 'key-of-deployer-0123456789abcdef';
const SCOPES = ['mlflow:manage'];
const V2 = '/api/2.0/mlflow';
const STORE = '/api/2.0/mlflow-artifacts';
const AJAX = '/ajax-api/2.0/mlflow';

describe.each(MLFLOW_VENVS)('artifacts of %s with grants', (venv) => {
  let system: GrantSystem;
  let world: MlflowWorld;

  beforeAll(async () => {
    const { url } = await sharedMlflow(venv);
    world = await makeMlflowWorld(url);
    system = await startGrantSystem(url);
    system.know(KEY, SCOPES, { experiments: [{ id: world.A, level: 'write' }] });
    system.know(READER, SCOPES, { experiments: [{ id: world.A, level: 'read' }] });
    system.know(DEPLOYER, SCOPES, { models: [{ name: world.mA, level: 'read' }] });
  }, 120_000);
  afterAll(() => system?.close());

  const ask = (path: string, asked: Partial<Asked> = {}, key = KEY): Promise<Reply> =>
    system.ask(key, { path, ...asked });

  /** Each refused with that status, and nothing of it forwarded. */
  async function refused(
    status: number,
    requests: readonly [path: string, asked?: Partial<Asked>][],
    key = KEY,
  ) {
    system.forwarded();
    for (const [path, asked] of requests) {
      const reply = await ask(path, asked, key);
      expect([asked?.method ?? 'GET', path, asked?.body, reply.status]).toEqual([
        asked?.method ?? 'GET',
        path,
        asked?.body,
        status,
      ]);
    }
    expect(system.forwarded()).toEqual([]);
  }

  it('open below a granted experiment, by path and by id', async () => {
    const { A, rA } = world;
    const file = `${A}/${rA}/artifacts`;
    for (const tree of ['/api', '/ajax-api'])
      expect((await ask(`${tree}/2.0/mlflow-artifacts/artifacts/${file}/x.txt`)).text).toContain('x.txt');
    expect((await ask(`${STORE}/artifacts?path=${file}`)).body).toMatchObject({ files: [{}, {}] });
    const put = { method: 'PUT', body: 'new', headers: { 'content-type': 'application/octet-stream' } };
    expect((await ask(`${STORE}/artifacts/${file}/new%20file.txt`, put)).status).toBe(200);
    expect((await ask(`${STORE}/artifacts/${file}/new%20file.txt`)).text).toBe('new');
    expect((await ask(`/get-artifact?path=x.txt&run_id=${rA}`)).text).toContain('x.txt');
    expect((await ask(`/get-artifact?path=x.txt&run_uuid=${rA}`)).status).toBe(200);
    expect((await ask(`${V2}/artifacts/list?run_id=${rA}&run_uuid=${rA}`)).body).toMatchObject({
      files: [{}, {}, {}],
    });
    expect(
      (await ask(`${AJAX}/upload-artifact?run_uuid=${rA}&path=up.txt`, { method: 'POST', body: 'up' }))
        .status,
    ).toBe(200);
  });

  it('[26] close what is below another one, by every tree and method, and where slashes are encoded', async () => {
    const { B, rB } = world;
    const file = `${B}/${rB}/artifacts/x.txt`;
    await refused(403, [
      [`${STORE}/artifacts/${file}`],
      [`/ajax-api/2.0/mlflow-artifacts/artifacts/${file}`],
      [`${STORE}/artifacts/${file}`, { method: 'HEAD' }],
      [`${STORE}/artifacts%2f${file}`],
      [`${STORE}/artifacts/${B}%2f${rB}/artifacts/x.txt`],
      [`${STORE}/artifacts/${file.replaceAll('/', '%2F')}`],
    ]);
  });

  it('[27, 28, 29] read no path in another way than MLflow does', async () => {
    const { A, B, rB } = world;
    const encoded = [...B].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
    const rest = `${rB}/artifacts/x.txt`;
    await refused(403, [[`${STORE}/artifacts/${encoded}/${rest}`]]);
    const twice = encoded.replaceAll('%', '%25');
    await refused(
      400,
      [
        `${twice}/${rest}`,
        `${twice.replaceAll('%', '%2525')}/${rest}`,
        `%09${B}/${rest}`,
        `%20${B}/${rest}`,
        `%250a${B}/${rest}`,
        `%0a${B}/${rest}`,
        `./${B}/${rest}`,
        `%2e/${B}/${rest}`,
        `%252e/${B}/${rest}`,
        `/${B}/${rest}`,
        `%2f${B}/${rest}`,
        `${A}/..%2f${B}/${rest}`,
        `${A}/%252e%252e/${B}/${rest}`,
        `${A}\\..\\${B}/${rest}`,
        `${A}/%5c..%5c${B}`,
        `${A}//x`,
        `${B};/${rest}`,
        `${B}%3b/${rest}`,
      ].map((path) => [`${STORE}/artifacts/${path}`]),
    );
  });

  it('[30] list what is granted, and the root as far as it is', async () => {
    const { A, B } = world;
    await refused(403, [[`${STORE}/artifacts?path=${B}`], [`${STORE}/artifacts?path=team-a`]]);
    await refused(400, [
      [`${STORE}/artifacts?path=%25${B.charCodeAt(0).toString(16)}${B.slice(1)}`],
      [`${STORE}/artifacts?path=${B}%2523`],
      [`${STORE}/artifacts?path=${B}%23`],
      [`${STORE}/artifacts?path=${A}&path=${B}`],
      [`${STORE}/artifacts?path=.`],
      [`${STORE}/artifacts?path=/`],
    ]);
    for (const path of [`${STORE}/artifacts`, `${STORE}/artifacts?path=`])
      expect(((await ask(path)).body['files'] as { path: string }[]).map((file) => file.path)).toEqual([A]);
  });

  it('[31] write and delete only where that is granted, and never a whole experiment by "write"', async () => {
    const { A, B, rA, rB } = world;
    const body = { body: 'x', headers: { 'content-type': 'application/octet-stream' } };
    await refused(403, [
      [`${STORE}/artifacts/${B}/${rB}/artifacts/x.txt`, { method: 'PUT', ...body }],
      [`${STORE}/artifacts/${B}/${rB}/artifacts/x.txt`, { method: 'DELETE' }],
      [`${STORE}/artifacts/${A}`, { method: 'DELETE' }],
      [`${STORE}/artifacts/${A}/${rA}`, { method: 'DELETE' }],
      [`${STORE}/artifacts/new-place/x`, { method: 'PUT', ...body }],
    ]);
    await refused(403, [[`${STORE}/artifacts/${A}/x`, { method: 'PUT', ...body }]], READER);
    await refused(404, [
      [`${STORE}/artifacts/`, { method: 'DELETE' }],
      [`${STORE}/artifacts`, { method: 'DELETE' }],
    ]);
  });

  it('[32] upload in parts only where that is granted, under a name that stays there', async () => {
    const { A, B, rA, rB } = world;
    const post = (path: string): Partial<Asked> => ({
      method: 'POST',
      body: { path, num_parts: 1, upload_id: 'u', parts: [] },
    });
    await refused(
      403,
      ['create', 'complete', 'abort'].map((step) => [
        `${STORE}/mpu/${step}/${B}/${rB}/artifacts`,
        post('/tmp/x'),
      ]),
    );
    await refused(
      400,
      ['..', '/tmp/..', '/tmp/', '.', ''].map((path) => [
        `${STORE}/mpu/create/${A}/${rA}/artifacts`,
        post(path),
      ]),
    );
    // The client sends the path of the file on its own disk; of it MLflow takes the name. This store has no parts.
    const reply = await ask(`${STORE}/mpu/create/${A}/${rA}/artifacts`, post('/tmp/model.bin'));
    expect(reply.status).toBe(501);
    expect(system.forwarded()).toHaveLength(1);
  });

  it('[33] presign only what is granted', async () => {
    const { A, B, rA, rB, lB } = world;
    const post = (body: object): Partial<Asked> => ({ method: 'POST', body });
    const up = `${V2}/artifacts/presigned-upload-url`;
    await refused(403, [
      [`${STORE}/presigned/${B}/${rB}/artifacts/x.txt`],
      [`${V2}/artifacts/presigned-download-url`, post({ run_id: rB, path: 'x' })],
      [up, post({ runId: rB, path: 'x' })],
      [up, post({ path: 'x' })],
      ...(lB === undefined ? [] : ([[up, post({ model_id: lB, path: 'x' })]] as [string, Partial<Asked>][])),
    ]);
    await refused(400, [
      [up, post({ run_id: rA, model_id: 'm-0123456789abcdef0123456789abcdef', path: 'x' })],
      [up, post({ run_id: rA, runId: rB, path: 'x' })],
      [up, post({ run_id: rA, path: '../x' })],
      [`${STORE}/presigned/${A}/../${B}/x`],
    ]);
  });

  it('[34] take one run, and a path that stays in it', async () => {
    const { rA, rB } = world;
    await refused(403, [
      [`/get-artifact?path=x.txt&run_uuid=${rB}`],
      [`/get-artifact?path=x.txt&run_id=${rB}`],
      [`/get-artifact?path=x.txt`],
      [`${V2}/artifacts/list?run_id=${rB}`],
      [`${AJAX}/upload-artifact?run_uuid=${rB}&path=x`, { method: 'POST', body: 'x' }],
    ]);
    await refused(400, [
      [`/get-artifact?path=x.txt&run_id=${rA}&run_uuid=${rB}`],
      [`/get-artifact?path=x.txt&run_id=${rA}&run_id=${rB}`],
      [`/get-artifact?path=%2e%2e/x.txt&run_id=${rA}`],
      [`/get-artifact?path=%252e%252e/x.txt&run_id=${rA}`],
      [`${V2}/artifacts/list?run_id=${rA}&path=..`],
      [`${AJAX}/upload-artifact?run_uuid=${rA}&run_uuid=${rB}&path=x`, { method: 'POST', body: 'x' }],
      [`${AJAX}/upload-artifact?run_uuid=${rA}&path=a/../../x`, { method: 'POST', body: 'x' }],
    ]);
  });

  it('[35] close the files of foreign models and traces', async () => {
    const { mB, lB, tB } = world;
    await refused(403, [
      [`/model-versions/get-artifact?name=${mB}&version=1&path=MLmodel`],
      ...(lB === undefined
        ? []
        : ([
            [`${AJAX}/logged-models/${lB}/artifacts/files?artifact_file_path=MLmodel`],
            [`${V2}/logged-models/${lB}/artifacts/directories`],
          ] as [string][])),
      [`${AJAX}/get-trace-artifact?request_id=${tB ?? 'tr-1'}`],
      [`/ajax-api/3.0/mlflow/get-trace-artifact?request_id=${tB ?? 'tr-1'}`],
    ]);
  });

  it('[36] open the files of a granted model for reading, and nothing beside them', async () => {
    const { A, C, rA, rC, lC } = world;
    const model = `${C}/${rC}/artifacts/model`;
    const open = [
      `${STORE}/artifacts/${model}/MLmodel`,
      `${STORE}/artifacts?path=${model}`,
      ...(lC === undefined ? [] : [`${STORE}/artifacts/${C}/models/${lC}/artifacts/MLmodel`]),
    ];
    for (const path of open) {
      const reply = await ask(path, {}, DEPLOYER);
      expect([path, reply.status]).toEqual([path, 200]);
    }
    const put = { method: 'PUT', body: 'x', headers: { 'content-type': 'application/octet-stream' } };
    await refused(
      403,
      [
        [`${STORE}/artifacts/${C}/${rC}/artifacts/x.txt`],
        [`${STORE}/artifacts/${C}/${rC}/artifacts/model2/x`],
        [`${STORE}/artifacts?path=${C}/${rC}/artifacts`],
        [`${STORE}/artifacts/${C}/${rC}/artifacts/%256dodel/MLmodel`],
        [`${STORE}/artifacts/${A}/${rA}/artifacts/x.txt`],
        [`${STORE}/artifacts/${model}/MLmodel`, put],
        [`${STORE}/artifacts/${model}/MLmodel`, { method: 'DELETE' }],
        [`${V2}/runs/get?run_id=${rC}`],
        [`${V2}/metrics/get-history?run_id=${rC}&metric_key=m`],
      ],
      DEPLOYER,
    );
    await refused(400, [[`${STORE}/artifacts/${model}/%2e%2e/x.txt`]], DEPLOYER);
    expect((await ask(`${STORE}/artifacts`, {}, DEPLOYER)).body['files']).toEqual([]);
  });

  it('are decided by the place that an experiment was given, where its folder is not its id', async () => {
    const place = `places-${Date.now()}`;
    const made = await world.call('POST', `${V2}/experiments/create`, {
      name: place,
      artifact_location: `mlflow-artifacts:/${place}/deep`,
    });
    const id = String(made?.['experiment_id']);
    await world.put(`${place}/deep/r/x.txt`);
    await world.put(`${place}/other/x.txt`);
    const holder = 'key-of-the-place-0123456789abcdef';
    const pattern = 'key-of-its-name-0123456789abcdef';
    system.know(holder, SCOPES, { experiments: [{ id, level: 'read' }] });
    system.know(pattern, SCOPES, { experiments: [{ name: `${place}*`, level: 'read' }] });
    for (const key of [holder, pattern]) {
      expect((await ask(`${STORE}/artifacts/${place}/deep/r/x.txt`, {}, key)).status).toBe(200);
      await refused(
        403,
        [
          [`${STORE}/artifacts/${place}/other/x.txt`],
          [`${STORE}/artifacts/${place}/deeper/x.txt`],
          [`${STORE}/artifacts/${place}`],
        ],
        key,
      );
    }
    await refused(403, [[`${STORE}/artifacts/${place}/deep/r/x.txt`]]);
  });
});
