import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { fail, pass, warn, type Check, type Finding } from '../checks/check.js';
import { jsonOf, summaryOf, type ProbeAnswer, type ProbeRequest } from '../checks/http-probe.js';
import type { FaultName } from '../checks/faults.js';
import { faultOf } from '../checks/gateway-answer.js';
import { bearer, type VerifyContext } from './verify-context.js';

const ARTIFACT_BYTES = 256 * 1024;

/** Experiments search by both families of paths, as GET and as POST. */
export const experimentsSearch: Check<VerifyContext> = {
  name: 'experiments-search',
  title: 'Experiments search',
  needs: ['key-at-gateway'],
  async run({ probe, trackingUri, apiKey }) {
    const expected = '200 with experiments from /api and /ajax-api, by GET and by POST';
    const headers = { ...bearer(apiKey), 'content-type': 'application/json' };
    const post: ProbeRequest = { method: 'POST', headers, body: '{"max_results":1}' };
    const forms: [string, string, ProbeRequest][] = [
      ['GET /api', '/api/2.0/mlflow/experiments/search?max_results=1', { headers: bearer(apiKey) }],
      ['POST /api', '/api/2.0/mlflow/experiments/search', post],
      ['GET /ajax-api', '/ajax-api/2.0/mlflow/experiments/search?max_results=1', { headers: bearer(apiKey) }],
      ['POST /ajax-api', '/ajax-api/2.0/mlflow/experiments/search', post],
    ];
    const answers: [string, ProbeAnswer][] = [];
    for (const [form, path, request] of forms)
      answers.push([form, await probe.send(trackingUri + path, request)]);
    const wrong = answers.find(([, answer]) => !isSearchResult(answer));
    if (!wrong) return pass('200 by all four', expected);
    const [form, answer] = wrong;
    return { ...faultOf(answer, expected), ...familyFault(answers), seen: `${form}: ${summaryOf(answer)}` };
  },
};

/** If one family of paths works and the other does not exist, the cause is how MLflow was started. */
function familyFault(
  answers: readonly [string, ProbeAnswer][],
): { fault: FaultName; todo: string } | undefined {
  const family = (name: string): ProbeAnswer[] =>
    answers.filter(([form]) => form.endsWith(` ${name}`)).map(([, answer]) => answer);
  const works = (name: string): boolean => family(name).every(isSearchResult);
  const missing = (name: string): boolean => family(name).some(({ status }) => status === 404);
  if (works('/ajax-api') && missing('/api'))
    return {
      fault: 'mlflow-api-failing',
      todo: 'This MLflow serves /ajax-api alone: set MLFLOW_API_DIALECT=ajax-api on the gateway.',
    };
  if (works('/api') && missing('/ajax-api'))
    return {
      fault: 'mlflow-static-prefix',
      todo: 'Start MLflow without --static-prefix: the interface works below any path without it.',
    };
  return undefined;
}

/** Writes an artifact, reads it back, compares it byte for byte and deletes it. */
export const artifactRoundTrip: Check<VerifyContext> = {
  name: 'artifact-round-trip',
  title: 'Artifact round trip',
  needs: ['key-at-gateway'],
  async run({ probe, trackingUri, apiKey }) {
    const expected = `${ARTIFACT_BYTES / 1024} KiB written, read back the same, and deleted`;
    const url = `${trackingUri}/api/2.0/mlflow-artifacts/artifacts/hokusai-verify/${randomUUID()}.bin`;
    const content = randomBytes(ARTIFACT_BYTES);
    const put = await probe.send(url, {
      method: 'PUT',
      headers: { ...bearer(apiKey), 'content-type': 'application/octet-stream' },
      body: content,
    });
    if (put.status >= 300) return artifactFault('PUT', put, expected);
    const got = await probe.send(url, { headers: bearer(apiKey) });
    const removed = await probe.send(url, { method: 'DELETE', headers: bearer(apiKey) });
    if (got.status !== 200) return artifactFault('GET', got, expected);
    if (digest(got.body) !== digest(content))
      return fail(
        'artifacts-damaged',
        `${got.body.length} bytes came back, not the same as the ${content.length} written`,
        expected,
        'Something in between changes bodies: look for compression or antivirus in the proxies.',
      );
    if (removed.status >= 300)
      return warn(
        `the artifact came back the same, but DELETE said ${summaryOf(removed)}`,
        expected,
        'Delete hokusai-verify/ in the artifact store.',
      );
    const totalMs = Math.round(put.durationMs + got.durationMs);
    return pass(`the same ${ARTIFACT_BYTES / 1024} KiB, up and down in ${totalMs} ms`, expected);
  },
};

function isSearchResult(answer: ProbeAnswer): boolean {
  // An empty list is left out of MLflow's JSON, so any object is a result.
  return answer.status === 200 && jsonOf(answer) !== undefined;
}

function artifactFault(method: string, answer: ProbeAnswer, expected: string): Finding {
  const finding = faultOf(answer, expected);
  const general = finding.fault === 'bad-prefix' || finding.fault === 'mlflow-api-failing';
  return {
    ...finding,
    seen: `${method}: ${finding.seen}`,
    ...(general && {
      fault: 'artifacts-failing' as const,
      todo: "Look at MLflow's log: its --artifacts-destination may be missing, full or not writable.",
    }),
  };
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
