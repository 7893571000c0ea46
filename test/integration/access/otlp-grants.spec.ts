import { deflateSync, gzipSync } from 'node:zlib';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import {
  startGrantSystem,
  type Asked,
  type GrantSystem,
  type Reply,
} from '../../support/systems/grant-system.js';
import { MlflowThings, randomHex } from '../../support/mlflow/mlflow-things.js';
import { otlpBody } from '../../support/mlflow/otlp-body.js';

const FULL = 'key-of-all-0123456789abcdef';
const KEY = 'key-of-team-a-0123456789abcdef';
const READER = 'key-of-reader-0123456789abcdef';

/** An MLflow of 3.17 asks about several traces at once, one of 3.5 about each. */
describe.each(['mlflow', 'mlflow-3.5'])('spans of OpenTelemetry with grants, on %s', (version) => {
  let system: GrantSystem;
  let things: MlflowThings;
  const ids = { A: '', B: '', rA: '', rB: '', tA: '', tB: '' };

  beforeAll(async () => {
    system = await startGrantSystem((await sharedMlflow(version)).url);
    system.know(FULL, ['mlflow:access'], undefined);
    things = new MlflowThings(system);
    for (const one of ['A', 'B'] as const) {
      ids[one] = await things.experiment();
      ids[`r${one}`] = await things.run(ids[one]);
      ids[`t${one}`] = (await things.span(ids[one])).slice('tr-'.length);
    }
    system.know(KEY, ['mlflow:write'], { experiments: [{ id: ids.A, level: 'write' }] });
    system.know(READER, ['mlflow:write'], { experiments: [{ id: ids.A, level: 'read' }] });
  });
  afterAll(() => system?.close());
  beforeEach(() => {
    system.forwarded();
  });

  const send = (body: Buffer, headers: Asked['headers'] = {}, key = KEY): Promise<Reply> =>
    system.ask(key, {
      method: 'POST',
      path: '/v1/traces',
      body,
      headers: { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': ids.A, ...headers },
    });
  const fresh = (): { traceId: string; spanId: string } => ({
    traceId: randomHex(32),
    spanId: randomHex(16),
  });
  const own = (): { traceId: string; spanId: string } => ({ traceId: ids.tA, spanId: randomHex(16) });
  const foreign = (): { traceId: string; spanId: string } => ({ traceId: ids.tB, spanId: randomHex(16) });

  it('begin new traces in a granted experiment, and go on with those that lie there', async () => {
    expect((await send(otlpBody(fresh()))).status).toBe(200);
    // 3.5 takes spans of one trace at a time.
    const more = version === 'mlflow' ? [fresh(), fresh()] : [];
    expect((await send(otlpBody(own(), ...more))).status).toBe(200);
    expect((await send(otlpBody(fresh()), { 'x-mlflow-run-id': ids.rA })).status).toBe(200);
    expect(system.forwarded()).toHaveLength(3);
  });

  it('are refused for a foreign trace, alone, among many, and in the attribute that 3.5 follows', async () => {
    const attribute = { 'mlflow.traceRequestId': `"tr-${ids.tB}"` };
    for (const body of [
      otlpBody(foreign()),
      otlpBody(...Array.from({ length: 150 }, fresh), foreign()),
      otlpBody(own(), foreign()),
      otlpBody({ ...fresh(), attributes: attribute }),
    ])
      expect(await send(body)).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
    expect(system.forwarded()).toEqual([]);
  });

  it('cannot say where MLflow keeps the files of a trace', async () => {
    for (const tag of [
      'mlflow.artifactLocation',
      'mlflow.ArtifactLocation',
      'mlflow.trace.spansLocation',
      'mlflow.trace.archiveLocation',
      'mlflow.trace.archivalFailure',
    ]) {
      const attributes = { [`mlflow.traceTag.${tag}`]: `mlflow-artifacts:/${ids.B}/${ids.rB}/artifacts` };
      const { traceId, spanId } = fresh();
      const span = { traceId, spanId, name: 'x', attributes: [{ key: `mlflow.traceTag.${tag}`, value: {} }] };
      const json = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
      for (const reply of [
        await send(otlpBody({ ...own(), attributes })),
        await send(otlpBody({ ...fresh(), attributes })),
        await send(json, { 'content-type': 'application/json' }),
      ])
        expect(reply).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
    }
    expect(system.forwarded()).toEqual([]);
    const attributes = { 'mlflow.traceTag.team': 'a', 'mlflow.traceTag.mlflow.traceName': 'x' };
    expect((await send(otlpBody({ ...fresh(), attributes }))).status).toBe(200);
  });

  it('are refused for an experiment or a run that is not granted, and for one that may only be read', async () => {
    for (const reply of [
      await send(otlpBody(fresh()), { 'x-mlflow-experiment-id': ids.B }),
      await send(otlpBody(fresh()), { 'x-mlflow-run-id': ids.rB }),
      await send(otlpBody(fresh()), { 'x-mlflow-experiment-id': '' }),
      await send(otlpBody(fresh()), {}, READER),
    ])
      expect(reply.status).toBe(403);
    expect(system.forwarded()).toEqual([]);
  });

  it('are refused where a header stands twice or in an odd form, or the body can be read in two ways', async () => {
    for (const reply of [
      await send(otlpBody(fresh()), { 'x-mlflow-experiment-id': `0${ids.A}` }),
      await send(otlpBody(fresh()), { 'x-mlflow-experiment-id': [ids.A, ids.B] }),
      await send(otlpBody(fresh()), { 'x-mlflow-run-id': [ids.rA, ids.rB] }),
      await send(otlpBody(fresh()), { 'content-type': ['application/x-protobuf', 'application/json'] }),
      await send(otlpBody({ traceId: `00${ids.tB}` })),
      await send(otlpBody(fresh()).subarray(0, -3)),
    ])
      expect(reply).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
    expect(system.forwarded()).toEqual([]);
  });

  it('are inflated to be judged, and refused where they would be too large', async () => {
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ] as const)
      expect(await send(compress(otlpBody(foreign())), { 'content-encoding': encoding })).toMatchObject({
        status: 403,
      });
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    expect(await send(bomb, { 'content-encoding': 'gzip' })).toMatchObject({ status: 413 });
    expect(system.forwarded()).toEqual([]);
    const accepted = await send(gzipSync(otlpBody(fresh())), { 'content-encoding': 'gzip' });
    // 3.5 does not inflate.
    expect(accepted.status).toBe(version === 'mlflow' ? 200 : 400);
  });

  it('are read as JSON too, and forwarded to an MLflow that takes it', async () => {
    const json = (traceId: string): Buffer =>
      Buffer.from(
        JSON.stringify({
          resourceSpans: [
            {
              scopeSpans: [
                {
                  spans: [
                    {
                      traceId,
                      spanId: randomHex(16),
                      name: 'x',
                      startTimeUnixNano: '1',
                      endTimeUnixNano: '2',
                    },
                  ],
                },
              ],
            },
          ],
        }),
      );
    const type = { 'content-type': 'application/json' };
    expect(await send(json(ids.tB), type)).toMatchObject({ status: 403 });
    expect(system.forwarded()).toEqual([]);
    expect((await send(json(randomHex(32)), type)).status).toBe(version === 'mlflow' ? 200 : 400);
  });
});
