import { ENDLESS_ROOM } from '../../support/lib/held-bytes.js';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MLFLOW_VENVS } from '../../../scripts/prepare/python-venv.mjs';
import { readGraphql } from '../../../src/gateway/access/reading/graphql/graphql-reader.js';
import { readOtlp } from '../../../src/gateway/access/reading/otlp/otlp-reader.js';
import type { JsonObject } from '../../../src/lib/json/strict-json.js';
import { isFullRun } from '../../support/run/full-run.js';
import { pythonExecutable } from '../../support/programs/preloaded-python.js';
import { otlpBody } from '../../support/mlflow/otlp-body.js';
import { seededRandom } from '../../support/lib/random.js';

const ROOT = join(import.meta.dirname, '../../..');
const SEED = 20261126;
const BODIES = isFullRun ? 6000 : 2000;
const QUERIES = isFullRun ? 1500 : 500;

async function mlflowSays<Answer>(venv: string, kind: 'otlp' | 'graphql', asked: unknown): Promise<Answer[]> {
  const child = spawn(
    await pythonExecutable(`${venv}-venv`),
    [join(ROOT, 'test/support/mlflow/mlflow_named.py'), kind],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  child.stdin.end(JSON.stringify(asked));
  return JSON.parse(await text(child.stdout)) as Answer[];
}

const random = seededRandom(SEED);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
const hex = (digits: number): string =>
  Array.from({ length: digits }, () => pick([...'0123456789abcdef'])).join('');

/** Whole bodies of spans, and bodies with bytes changed, left out, moved and put in. */
function spans(): Buffer {
  const some = Array.from({ length: 1 + below(3) }, () => ({
    traceId: hex(32),
    spanId: hex(16),
    attributes: pick<Record<string, string>>([
      {},
      { 'mlflow.traceRequestId': `"tr-${hex(32)}"` },
      { 'mlflow.traceRequestId': pick(['x', '"x"', '5', `tr-${hex(32)}`]) },
      { [`mlflow.traceRequestId${pick(['', ' ', 'x'])}`]: `"tr-${hex(32)}"`, 'session.id': 'y' },
    ]),
  }));
  let body = otlpBody(...some);
  for (let changes = below(4); changes > 0; changes--) body = changed(body);
  return body;
}

function changed(body: Buffer): Buffer {
  const at = below(body.length);
  const length = 1 + below(20);
  const piece = body.subarray(at, at + length);
  const rest = [body.subarray(0, at), body.subarray(at + length)] as const;
  switch (below(6)) {
    case 0:
      return Buffer.concat([rest[0], rest[1]]);
    case 1:
      return Buffer.concat([rest[0], piece, piece, rest[1]]);
    case 2:
      return Buffer.concat([body, otlpBody({ traceId: hex(32) })]);
    case 3:
      return Buffer.concat([rest[0], Buffer.from([below(256)]), body.subarray(at)]);
    case 4: {
      // Another wire type, or another number of a member.
      const copy = Buffer.from(body);
      copy[at] = (copy[at] as number) ^ (1 << below(8));
      return copy;
    }
    default: {
      // The same list under a number that is not known, and a number in front of it.
      const front = Buffer.from([pick([0x08, 0x0d, 0x09, 0x0b, 0x7a, 0x78]), below(40)]);
      return Buffer.concat([front, body]);
    }
  }
}

async function ours(body: Buffer, contentType: string): Promise<Set<string> | undefined> {
  try {
    return await readOtlp(body, {
      contentType,
      contentEncoding: undefined,
      maxBytes: 1_000_000,
      held: ENDLESS_ROOM,
    });
  } catch {
    return undefined;
  }
}

describe.each(MLFLOW_VENVS.filter((venv) => venv === 'mlflow' || venv === 'mlflow-3.5'))(
  'spans that %s reads',
  (venv) => {
    it('are written to no trace that the gateway does not see', async () => {
      const bodies = Array.from({ length: BODIES }, spans);
      const type = 'application/x-protobuf';
      const theirs = await mlflowSays<string[] | null>(
        venv,
        'otlp',
        bodies.map((body) => [body.toString('base64'), type]),
      );
      const unseen: unknown[] = [];
      let same = 0;
      for (const [index, body] of bodies.entries()) {
        const traces = theirs[index] ?? [];
        const seen = await ours(body, type);
        if (seen === undefined || traces.length === 0) continue;
        const missing = traces.filter((id) => !seen.has(id));
        if (missing.length > 0) unseen.push({ body: body.toString('base64'), missing });
        else same += 1;
      }
      console.log(`${venv}: ${same} of ${BODIES} bodies read by both`);
      expect(unseen.slice(0, 3)).toEqual([]);
      expect(same).toBeGreaterThan(BODIES / 6);
    }, 240_000);
  },
);

/** Queries that say one thing in many ways. */
function graphqlRequest(): JsonObject {
  const run = pick(['a', 'b']).repeat(32);
  const spelled = pick([
    () => `"${run}"`,
    () => `"""${run}"""`,
    () => `"""\n    ${run}\n  """`,
    () => `"\\u00${run.charCodeAt(0).toString(16)}${run.slice(1)}"`,
    () => `" ${run}"`,
    () => '5',
    () => 'null',
    () => '$id',
  ])();
  const input = pick([
    `{runId: ${spelled}}`,
    `{runUuid: ${spelled}}`,
    `{runId: ${spelled}, runUuid: "${run}"}`,
    `{runUuid: "${run}", runId: ""}`,
    '$input',
    '{}',
  ]);
  const field = pick([
    `mlflowGetRun(input: ${input}) { run { info { runId } } }`,
    `x: mlflowGetRun(input: ${input}) ${pick(['@skip(if: true)', '@include(if: false)', ''])} { run { info { runId } } }`,
    `mlflowListArtifacts(input: ${input}) { rootUri }`,
    `mlflowGetMetricHistoryBulkInterval(input: {runIds: ${pick([spelled, `[${spelled}]`, '$ids'])}, metricKey: "m"}) { metrics { key } }`,
    `mlflowSearchRuns(input: {experimentIds: ${pick(['"1"', '["1", "2"]', '[1]', '$ids'])}}) { runs { info { runId } } }`,
    `mlflowGetExperiment(input: {experimentId: ${pick(['"1"', '1', '$id', '"""2"""'])}}) { experiment { name } }`,
  ]);
  const body = pick([
    field,
    `...F`,
    `... on Query { ${field} }`,
    `... { ${field} }`,
    `# ${field}\n __typename`,
    `${field} , ,, y: __typename`,
  ]);
  const defined = pick([
    '($id: String, $ids: [String], $input: MlflowGetRunInput!)',
    `($id: String = "${run}", $ids: [String] = ["3"], $input: MlflowGetRunInput = {runId: "${run}"})`,
    `($id: String = "${run}", $ids: [String] = "3", $input: MlflowGetRunInput = {runUuid: "${run}"})`,
  ]);
  const used = ['$id', '$ids', '$input'].filter((name) =>
    new RegExp(`\\${name}\\b`).test(`${body} ${field}`),
  );
  const kept = defined
    .slice(1, -1)
    .split(/, (?=\$)/)
    .filter((one) => used.some((name) => one.startsWith(`${name}:`)));
  const fragment = body === '...F' ? ` fragment F on Query { ${field} }` : '';
  const operation = `query One${kept.length > 0 ? `(${kept.join(', ')})` : ''} { ${body} }${fragment}`;
  const two = pick([false, false, true]);
  return {
    query: two ? `${operation} query Two { __typename }` : operation,
    ...pick<JsonObject>([
      {},
      { variables: null },
      { variables: { id: run, ids: ['4'], input: { runId: run } } },
      { variables: { id: null, ids: '4', input: { runUuid: run } } },
      { variables: { id: 5, ids: [null], input: { run_id: run } } },
    ]),
    ...pick<JsonObject>([{}, { operationName: 'One' }, { operationName: pick(['Two', '', 'Three']) }]),
  };
}

describe.each(MLFLOW_VENVS)('queries of GraphQL that %s runs', (venv) => {
  it('reach nothing that the gateway does not see', async () => {
    const requests = Array.from({ length: QUERIES }, graphqlRequest);
    const theirs = await mlflowSays<[string, string][]>(venv, 'graphql', requests);
    const unseen: unknown[] = [];
    let same = 0;
    requests.forEach((request, index) => {
      const called = (theirs[index] ?? []).filter(([, id]) => id !== '');
      let named: Set<string>;
      try {
        named = new Set(readGraphql(request).named.map(({ kind, id }) => `${kind} ${id}`));
      } catch {
        return;
      }
      if (called.length === 0) return;
      const missing = called.filter(([kind, id]) => !named.has(`${kind} ${id}`));
      if (missing.length > 0) unseen.push({ request, missing });
      else same += 1;
    });
    console.log(`${venv}: ${same} of ${QUERIES} queries run, all seen`);
    expect(unseen.slice(0, 3)).toEqual([]);
    expect(same).toBeGreaterThan(QUERIES / 10);
  }, 240_000);
});
