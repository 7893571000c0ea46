import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  GATEWAY_CONFIG_CLASSES,
  loadGatewayConfigs,
} from '../../../src/gateway/config/gateway-config.module.js';
import {
  KEY_SERVICE_CONFIG_CLASSES,
  loadKeyServiceConfigs,
} from '../../../src/key-service/config/key-service-config.module.js';
import { variablesOf } from '../../../src/platform/config/env.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';
import { readTemplate, resourcesOf } from './cloudformation.js';
import {
  CHART,
  componentOf,
  containerOf,
  hasHelm,
  helm,
  ofKind,
  render,
  ROOT,
  VALUES_FILES,
  valuesFile,
  workload,
  workloads,
  type Container,
  type KubernetesObject,
} from './helm-chart.js';

/** What a program needs after its time-out, and what the node needs. */
const LAST_WORDS_SECONDS = 3 + 2;
const PROGRAMS = [
  { component: 'gateway', classes: GATEWAY_CONFIG_CLASSES, load: loadGatewayConfigs },
  { component: 'key-service', classes: KEY_SERVICE_CONFIG_CLASSES, load: loadKeyServiceConfigs },
] as const;
const MEBIBYTES: Record<string, number> = { Mi: 1, Gi: 1024 };

const rendered = hasHelm
  ? await Promise.all(VALUES_FILES.map(async (file) => ({ file, objects: await render(file) })))
  : [];
const objectsOf = (file: string): KubernetesObject[] =>
  rendered.find((one) => one.file === file)?.objects ?? [];

(hasHelm ? describe : describe.skip)('deploy/helm/mlflow-gateway', () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir('chart');
  });
  afterAll(() => dir?.remove());

  /** What a program gets, with files of the right form for what only a deployment knows. */
  function environmentOf({ env }: Container): Record<string, string> {
    const secret = (name: string): string =>
      ({ REDIS_URL: 'rediss://:p@redis:6379/0', DATABASE_URL: 'postgres://u:p@db/keys' })[name] ??
      `a-value-for-${name}-that-is-long-enough`;
    return Object.fromEntries(
      env
        .filter(({ name }) => name !== 'NODE_EXTRA_CA_CERTS')
        .map(({ name, value }) => {
          if (!name.endsWith('_FILE')) return [name, value];
          const path = join(dir.path, name);
          writeFileSync(path, secret(name.replace(/_FILE$/, '')));
          return [name, path];
        }),
    );
  }

  describe.each(rendered)('with ci/$file', ({ objects }) => {
    const there = PROGRAMS.filter(({ component }) =>
      workloads(objects).some((one) => componentOf(one) === component),
    );

    it.each(there)(
      'gives the $component a whole configuration of variables that exist, each once',
      ({ component, classes, load }) => {
        const container = containerOf(workload(objects, component));
        const known = classes.flatMap(variablesOf).map(({ name }) => name);
        const names = container.env.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names)
          expect([...known, 'NODE_EXTRA_CA_CERTS']).toContain(name.replace(/(?<=[A-Z])_FILE$/, ''));
        const { server } = load(environmentOf(container));
        expect(container.ports).toEqual([{ name: 'http', containerPort: server.port, protocol: 'TCP' }]);
      },
    );

    it.each(there)(
      'gives the $component secrets as files alone, of keys of its Secret that are mounted',
      ({ component, classes }) => {
        const secret = classes.flatMap(variablesOf).filter((one) => one.secret);
        const object = workload(objects, component);
        const { env, volumeMounts } = containerOf(object);
        for (const { name } of env) expect(secret.map((one) => one.name)).not.toContain(name);
        expect(volumeMounts).toContainEqual({ name: 'secrets', mountPath: '/run/secrets', readOnly: true });
        const { items } = object.spec.template.spec.volumes[0].secret as { items: { path: string }[] };
        const files = env.filter(({ name }) => name.endsWith('_FILE')).map(({ value }) => value);
        expect(new Set(files)).toEqual(new Set(items.map(({ path }) => `/run/secrets/${path}`)));
      },
    );

    it.each(there)(
      'a stop of the $component is over before its pod is killed, and begins when it is out of its Service',
      ({ component, load }) => {
        const object = workload(objects, component);
        const container = containerOf(object);
        const { server } = load(environmentOf(container));
        expect(object.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
          server.drainDelaySeconds + server.shutdownTimeoutSeconds + LAST_WORDS_SECONDS,
        );
        const { readinessProbe: ready, livenessProbe: live } = container;
        expect([ready.httpGet.path, live.httpGet.path]).toEqual(['/health/ready', '/health/live']);
        expect(server.drainDelaySeconds).toBeGreaterThanOrEqual(
          ready.periodSeconds * ready.failureThreshold + ready.timeoutSeconds,
        );
        for (const probe of [ready, live]) expect(probe.timeoutSeconds).toBeLessThan(probe.periodSeconds);
      },
    );

    it('runs pods that the Pod Security Standard "restricted" allows, with memory for V8', () => {
      for (const object of workloads(objects)) {
        const pod = object.spec.template.spec;
        expect(pod).toMatchObject({
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        });
        expect(containerOf(object).securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const volume of pod.volumes as object[])
          expect(['secret', 'configMap', 'persistentVolumeClaim']).toContain(Object.keys(volume)[1]);
        const [, amount, unit = ''] =
          /^(\d+)(Mi|Gi)$/.exec(containerOf(object).resources.limits.memory) ?? [];
        expect(Number(amount) * (MEBIBYTES[unit] ?? 0)).toBeGreaterThanOrEqual(512);
      }
    });

    it('every selector finds the pods of one program and no others', () => {
      const pods = workloads(objects).map((one) => ({
        component: componentOf(one),
        labels: one.spec.template.metadata.labels as Record<string, string>,
      }));
      const selecting = objects.filter(({ kind, metadata }) =>
        ['Deployment', 'PodDisruptionBudget', 'Service', 'NetworkPolicy'].includes(kind)
          ? !metadata.name.endsWith('-mlflow')
          : false,
      );
      expect(selecting.length).toBeGreaterThan(1);
      for (const object of selecting) {
        const { selector, podSelector } = object.spec;
        const wanted = (selector?.matchLabels ?? podSelector?.matchLabels ?? selector) as Record<
          string,
          string
        >;
        const found = pods.filter(({ labels }) =>
          Object.entries(wanted).every(([key, value]) => labels[key] === value),
        );
        expect(found.map(({ component }) => component)).toEqual([componentOf(object)]);
      }
    });
  });

  it('the figures are those of ECS', async () => {
    const container = containerOf(workload(objectsOf('least-values.yaml'), 'gateway'));
    const service = await readTemplate('service.yml');
    const task = service.Resources['TaskDefinition']?.Properties.ContainerDefinitions[0];
    const value = (name: string): string =>
      (task.Environment as { Name: string; Value: string }[]).find(({ Name }) => Name === name)?.Value ?? '';
    const { env, readinessProbe } = container;
    for (const name of ['DRAIN_DELAY_SECONDS', 'SHUTDOWN_TIMEOUT_SECONDS', 'PORT'])
      expect(env).toContainEqual({ name, value: value(name) });
    expect(
      workload(objectsOf('least-values.yaml'), 'gateway').spec.template.spec.terminationGracePeriodSeconds,
    ).toBe(task.StopTimeout);
    const groups = resourcesOf(await readTemplate('edge.yml'), 'AWS::ElasticLoadBalancingV2::TargetGroup');
    for (const [, { Properties }] of groups)
      expect(readinessProbe).toMatchObject({
        httpGet: { path: Properties.HealthCheckPath },
        periodSeconds: Properties.HealthCheckIntervalSeconds,
        failureThreshold: Properties.UnhealthyThresholdCount,
        timeoutSeconds: Properties.HealthCheckTimeoutSeconds,
      });
  });

  it('the database is migrated by a job before an install and an upgrade, by the image and with the configuration of the key service', () => {
    const objects = objectsOf('ingress-values.yaml');
    const [job, keyService] = [workload(objects, 'migration'), workload(objects, 'key-service')];
    expect(job.metadata.annotations).toEqual({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    const [migrates, serves] = [containerOf(job), containerOf(keyService)];
    expect(migrates.args).toEqual(['node', 'dist/key-service/main.js', 'migrate']);
    expect([migrates.image, migrates.env]).toEqual([serves.image, serves.env]);
    expect(serves.env).toContainEqual({ name: 'MIGRATE_AT_START', value: 'false' });
  });

  it('with SQLite one key service migrates at its start, and two never write to the file', () => {
    const objects = objectsOf('sqlite-values.yaml');
    const keyService = workload(objects, 'key-service');
    expect(ofKind(objects, 'Job')).toEqual([]);
    expect(keyService.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    const { env, volumeMounts } = containerOf(keyService);
    expect(env).toContainEqual({ name: 'MIGRATE_AT_START', value: 'true' });
    expect(env.map(({ name }) => name)).not.toContain('DATABASE_URL_FILE');
    expect(volumeMounts).toContainEqual({ name: 'data', mountPath: '/app/data' });
    const [claim] = ofKind(objects, 'PersistentVolumeClaim');
    expect(claim?.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });

  it('an update takes no pod away before a new one is ready', () => {
    for (const { spec } of ofKind(objectsOf('least-values.yaml'), 'Deployment')) {
      expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
      expect(spec.minReadySeconds).toBeGreaterThan(0);
    }
  });

  it('nothing is forwarded from outside but what clients need, by Ingress and by HTTPRoute', () => {
    const [ingress] = ofKind(objectsOf('ingress-values.yaml'), 'Ingress');
    const [route] = ofKind(objectsOf('gateway-api-values.yaml'), 'HTTPRoute');
    const byIngress = (ingress?.spec.rules[0].http.paths as { path: string; pathType: string }[]).map(
      ({ path, pathType }) => [path, pathType],
    );
    const byRoute = (route?.spec.rules[0].matches as { path: { type: string; value: string } }[]).map(
      ({ path }) => [path.value, path.type.replace('Path', '')],
    );
    const wanted = [
      ['/api', 'Prefix'],
      ['/health', 'Exact'],
      ['/mlflow', 'Prefix'],
    ];
    expect([byIngress.sort(), byRoute.sort()]).toEqual([wanted, wanted]);
  });

  it('behind an Ingress the gateway believes one proxy and wants HTTPS; with nothing in front, neither', () => {
    const settings = (file: string): unknown => {
      const { server } = loadGatewayConfigs(environmentOf(containerOf(workload(objectsOf(file), 'gateway'))));
      return [server.trustedProxyHops, server.requireHttps];
    };
    expect(settings('ingress-values.yaml')).toEqual([1, true]);
    expect(settings('gateway-api-values.yaml')).toEqual([2, true]);
    expect(settings('least-values.yaml')).toEqual([0, false]);
  });

  it('its version is the one of the package, and its images have the names of docker/compose.yml', () => {
    const read = (path: string): never =>
      parse(readFileSync(join(ROOT, path), 'utf8'), { merge: true }) as never;
    const { version } = read('package.json') as { version: string };
    const chart: unknown = read('deploy/helm/mlflow-gateway/Chart.yaml');
    expect(chart).toMatchObject({ version, appVersion: version });
    const { services } = read('docker/compose.yml') as { services: Record<string, { image: string }> };
    for (const { component } of PROGRAMS)
      expect(containerOf(workload(objectsOf('least-values.yaml'), component)).image).toBe(
        services[component]?.image,
      );
    expect(containerOf(workload(objectsOf('own-authentication-values.yaml'), 'gateway')).image).toMatch(
      /^registry\.example\/mlflow-gateway@sha256:[0-9a-f]{64}$/,
    );
  });

  it.each([
    ['a value that does not exist', ['--set', 'gateway.replica=3'], 'replica'],
    [
      'a variable that the program does not know',
      ['--set-string', 'gateway.config.LOG_LEVL=info'],
      'LOG_LEVL',
    ],
    ['a secret as text', ['--set-string', 'gateway.config.REDIS_URL=redis://:p@r'], 'REDIS_URL'],
    [
      'a number, which Helm would write another way',
      ['--set', 'gateway.config.RATE_LIMIT_PER_HOUR=60000000'],
      'RATE_LIMIT_PER_HOUR',
    ],
    ['a variable that is no secret from a Secret', ['--set', 'gateway.secrets.LOG_LEVEL=x'], 'LOG_LEVEL'],
    [
      'a drain delay that is over before readiness has noticed',
      ['--set', 'gateway.drainDelaySeconds=11'],
      'drainDelaySeconds',
    ],
    ['no address of MLflow', ['--set', 'mlflow.url='], 'url'],
    ['no Secret of the gateway', ['--set', 'gateway.existingSecret='], 'existingSecret'],
    ['no Secret of the key service', ['--set', 'keyService.existingSecret='], 'existingSecret'],
    ['an Ingress without a host', ['--set', 'ingress.enabled=true'], 'host'],
    ['an HTTPRoute without a Gateway', ['--set', 'httpRoute.enabled=true'], 'parentRefs'],
  ])('refuses %s', async (_what, args, named) => {
    const { code, output } = await helm([
      'template',
      'r',
      CHART,
      '-f',
      valuesFile('least-values.yaml'),
      ...args,
    ]);
    expect([code, output]).toEqual([1, expect.stringContaining(named)]);
  });
});
