import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  service: string;
  status: number | undefined;
}

interface Export {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: (Omit<Span, 'service' | 'status'> & { attributes: Attribute[] })[] }[];
  }[];
}

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

const SERVER = 2;
const CLIENT = 3;
const PATH = '/api/mlflow/api/2.0/mlflow/experiments/search';
const QUERY = 'filter=a-secret-name';
const valueOf = (attributes: Attribute[], name: string): string | number | undefined => {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? value?.intValue;
};

/** An OpenTelemetry collector: takes what is posted to /v1/traces. */
async function startCollector(): Promise<{ url: string; bodies: string[]; spans(): Span[]; server: Server }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      if (request.url === '/v1/traces') bodies.push(body);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const spans = (): Span[] =>
    bodies.flatMap((body) =>
      (JSON.parse(body) as Export).resourceSpans.flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) =>
          spans.map((span) => ({
            ...span,
            service: String(valueOf(resource.attributes, 'service.name')),
            status: Number(valueOf(span.attributes, 'http.response.status_code')) || undefined,
          })),
        ),
      ),
    );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, spans, server };
}

describe('traces', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let upstream: RecordingUpstream;
  let databases: KeyDatabases;
  let keyService: TestKeyService;
  let gateway: TestGateway;
  let apiKey: string;

  beforeEach(async () => {
    collector = await startCollector();
    upstream = await startRecordingUpstream();
    databases = await startKeyDatabases('sqlite');
  });
  afterEach(async () => {
    await gateway?.close(0);
    await keyService?.close();
    await upstream.close();
    await databases.close();
    collector.server.closeAllConnections();
    collector.server.close();
  });

  async function start(env: Record<string, string> = {}): Promise<void> {
    keyService = await startTestKeyService({ DATABASE_URL: await databases.next(), ...env });
    const { body } = await keyService.call<{ api_key: string }>('POST', '/keys', {
      name: 'traced',
      service_id: 'ml-platform',
      user_id: 'ana@example.test',
    });
    apiKey = body.api_key;
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: upstream.url,
      HOKUSAI_AUTH_SERVICE_URL: keyService.url,
      ...env,
    });
  }
  const ask = async (headers: Record<string, string> = {}): Promise<Response> => {
    const answer = await fetch(`${gateway.url}${PATH}?${QUERY}`, {
      headers: { authorization: `Bearer ${apiKey}`, ...headers },
    });
    await answer.arrayBuffer();
    return answer;
  };
  /** What waits is sent at the end of a program. */
  const close = async (): Promise<Span[]> => {
    await gateway.close(100);
    await keyService.close();
    return collector.spans();
  };

  it('a request is one trace through the gateway, the key service and MLflow, with the request’s id', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const answer = await ask();
    const traceId = answer.headers.get('x-request-id')?.replaceAll('-', '');
    const spans = (await close()).filter((span) => span.traceId === traceId);
    const find = (service: string, kind: number, name: string): Span | undefined =>
      spans.find((span) => span.service === service && span.kind === kind && span.name.startsWith(name));
    const request = find('mlflow-gateway', SERVER, 'GET mlflow_api');
    const mlflow = find('mlflow-gateway', CLIENT, 'mlflow');
    const auth = find('mlflow-gateway', CLIENT, 'auth-service');
    const validation = find('mlflow-key-service', SERVER, 'POST');
    expect(request).toMatchObject({ status: 200 });
    expect(request?.parentSpanId ?? '').toBe('');
    expect(mlflow).toMatchObject({ parentSpanId: request?.spanId, status: 200 });
    expect(auth).toMatchObject({ parentSpanId: request?.spanId, status: 200 });
    expect(validation).toMatchObject({ parentSpanId: auth?.spanId, status: 200 });
    expect(upstream.requests.at(-1)?.headers['traceparent']).toBe(`00-${traceId}-${mlflow?.spanId}-01`);
  });

  it('shows every call to an authentication service that does not answer', async () => {
    await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      HOKUSAI_AUTH_SERVICE_URL: `http://127.0.0.1:${await freePort()}`,
    });
    expect((await ask()).status).toBe(503);
    const spans = await close();
    const request = spans.find(({ kind }) => kind === SERVER);
    const calls = spans.filter(({ kind, name }) => kind === CLIENT && name === 'auth-service');
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) {
      expect(call.parentSpanId).toBe(request?.spanId);
      expect(call.status).toBeUndefined();
    }
  });

  it('holds no key, path, query, address or user', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await ask();
    await ask({ 'x-api-key': 'hk_live_00000000000000000000000000000000', authorization: '' });
    expect((await close()).length).toBeGreaterThan(3);
    const text = collector.bodies.join('');
    for (const private_ of [
      apiKey.slice(8, 30),
      'hk_live_0000',
      'experiments/search',
      'a-secret-name',
      'ana@',
      '127.0.0.1',
    ])
      expect([private_, text.includes(private_)]).toEqual([private_, false]);
  });

  it('goes on with the trace of a caller, and follows its decision', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const [kept, left] = ['a'.repeat(32), 'b'.repeat(32)];
    await ask({ traceparent: `00-${kept}-${'1'.repeat(16)}-01` });
    await ask({ traceparent: `00-${left}-${'2'.repeat(16)}-00` });
    expect(upstream.requests.at(-1)?.headers['traceparent']).toMatch(
      new RegExp(`^00-${left}-(?!2{16})[0-9a-f]{16}-00$`),
    );
    const spans = await close();
    const request = spans.find(({ traceId, kind }) => traceId === kept && kind === SERVER);
    expect(request?.parentSpanId).toBe('1'.repeat(16));
    expect(spans.filter(({ traceId }) => traceId === left)).toEqual([]);
  });

  it('keeps the part of traces that was asked for', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' });
    expect((await ask()).status).toBe(200);
    expect(await close()).toEqual([]);
  });

  it('is off by default: a caller’s trace is passed on unchanged, and nothing is sent', async () => {
    await start();
    const traceparent = `00-${'c'.repeat(32)}-${'3'.repeat(16)}-01`;
    await ask({ traceparent });
    expect(upstream.requests.at(-1)?.headers['traceparent']).toBe(traceparent);
    expect(await close()).toEqual([]);
  });

  it('a collector that is down costs no request and holds up no stop; one line says so', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
    for (let n = 0; n < 3; n++) expect((await ask()).status).toBe(200);
    const begin = performance.now();
    await gateway.close(100);
    expect(performance.now() - begin).toBeLessThan(3000);
    // The exporter tries again for five seconds before it gives up.
    await eventually(() => gateway.logs.of('traces_not_exported').length === 1, { timeoutMs: 20_000 });
  });
});
