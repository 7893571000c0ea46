import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  GATEWAY_CONFIG_CLASSES,
  loadGatewayConfigs,
} from '../../../src/gateway/config/gateway-config.module.js';
import {
  KEY_SERVICE_CONFIG_CLASSES,
  loadKeyServiceConfigs,
} from '../../../src/key-service/config/key-service-config.module.js';
import { variablesOf } from '../../../src/platform/config/env.js';
import { startProgram } from '../../support/programs/child-program.js';
import { tempDir } from '../../support/lib/temp-dir.js';
import { ECS_FOLDER, readTemplate, resourcesOf, type Template } from './cloudformation.js';

const TEMPLATES = ['edge.yml', 'service.yml', 'key-service.yml'];
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TOOLS = join(ROOT, '.cache/deploy-venv/bin');
/** Fargate's own. */
const LONGEST_STOP_SECONDS = 120;
/** What a program needs after its time-out, and what ECS needs. */
const LAST_WORDS_SECONDS = 3 + 2;

interface Container {
  Environment: { Name: string; Value: unknown }[];
  Secrets: { Name: string; ValueFrom: { Ref: string } }[];
  StopTimeout?: number;
  PortMappings?: { ContainerPort: number }[];
  HealthCheck?: { Command: string[]; Interval: number; Timeout: number };
  User: string;
  ReadonlyRootFilesystem: boolean;
}

const templates = Object.fromEntries(
  await Promise.all(TEMPLATES.map(async (name) => [name, await readTemplate(name)] as const)),
);
const template = (name: string): Template => templates[name] as Template;
const onlyContainerOf = ({ Resources }: Template, definition = 'TaskDefinition'): Container =>
  (Resources[definition]?.Properties as { ContainerDefinitions: Container[] })
    .ContainerDefinitions[0] as Container;
const containerOf = (name: string): Container => onlyContainerOf(template(name));
const targetGroups = resourcesOf(template('edge.yml'), 'AWS::ElasticLoadBalancingV2::TargetGroup').map(
  ([, { Properties }]) => Properties as Record<string, number & string>,
);

/** What a program gets, with a value of the right form for what only a deployment knows. */
function environmentOf(container: Container): Record<string, string> {
  const stand = (name: string): string =>
    name.endsWith('URL')
      ? ({ REDIS_URL: 'rediss://:p@redis:6379/0', DATABASE_URL: 'postgres://u:p@db/keys' }[name] ??
        'http://a:1/b')
      : `a-value-for-${name}-that-is-long-enough`;
  return Object.fromEntries([
    ...container.Environment.map(({ Name, Value }) => [
      Name,
      typeof Value === 'string' ? Value : Name.endsWith('URLS') ? 'http://g:1/i' : stand(Name),
    ]),
    ...container.Secrets.map(({ Name }) => [Name, stand(Name)]),
  ]) as Record<string, string>;
}

const PROGRAMS = [
  { file: 'service.yml', classes: GATEWAY_CONFIG_CLASSES, load: loadGatewayConfigs, port: 8001 },
  { file: 'key-service.yml', classes: KEY_SERVICE_CONFIG_CLASSES, load: loadKeyServiceConfigs, port: 8000 },
];

describe('deploy/ecs', () => {
  it.each(PROGRAMS)(
    '$file gives a whole configuration of variables that exist',
    ({ file, classes, load, port }) => {
      const names = classes.flatMap(variablesOf).map(({ name }) => name);
      const env = environmentOf(containerOf(file));
      for (const name of Object.keys(env)) expect(names).toContain(name);
      const { server } = load(env);
      expect([server.port, containerOf(file).PortMappings?.[0]?.ContainerPort]).toEqual([port, port]);
    },
  );

  it.each(PROGRAMS)(
    '$file has secrets as secrets alone, and its role reads these and no others',
    ({ file, classes }) => {
      const secret = new Set(
        classes
          .flatMap(variablesOf)
          .filter((one) => one.secret)
          .map(({ name }) => name),
      );
      const { Environment, Secrets } = containerOf(file);
      for (const { Name } of Environment) expect(secret).not.toContain(Name);
      for (const { Name } of Secrets) expect(secret).toContain(Name);
      const statement =
        template(file).Resources['ExecutionRole']?.Properties.Policies[0].PolicyDocument.Statement[0];
      expect(statement.Resource).toEqual(Secrets.map(({ ValueFrom }) => ValueFrom));
    },
  );

  it('key-service.yml hands new keys over only where that is asked for, and its task writes to the named secrets alone', async () => {
    const policiesOf = ({ Resources }: Template): unknown => Resources['TaskRole']?.Properties.Policies;
    const named = (container: Container): string[] =>
      [...container.Environment, ...container.Secrets]
        .map(({ Name }) => Name)
        .filter((name) => name.startsWith('KEY_ROTATION'));
    expect(policiesOf(template('key-service.yml'))).toEqual([]);
    expect(named(containerOf('key-service.yml'))).toEqual([]);
    const { Parameters } = template('key-service.yml');
    for (const name of ['RotationSecretArns', 'RotationSealingSecretArn'])
      expect(Parameters[name]?.Default).toBe('');

    const on = await readTemplate('key-service.yml', ['HandsKeysOver']);
    const [{ PolicyDocument }, ...others] = policiesOf(on) as { PolicyDocument: { Statement: unknown } }[] & {
      0: { PolicyDocument: { Statement: unknown } };
    };
    expect(others).toEqual([]);
    expect(PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:PutSecretValue', Resource: { Ref: 'RotationSecretArns' } },
    ]);
    const container = onlyContainerOf(on);
    expect(named(container)).toEqual(['KEY_ROTATION_AWS_REGION', 'KEY_ROTATION_SECRETS']);
    expect(
      on.Resources['ExecutionRole']?.Properties.Policies[0].PolicyDocument.Statement[0].Resource,
    ).toEqual(container.Secrets.map(({ ValueFrom }) => ValueFrom));
    const env = { ...environmentOf(container), KEY_ROTATION_AWS_REGION: 'eu-central-1' };
    expect(loadKeyServiceConfigs(env).rotation.awsRegion).toBe('eu-central-1');
    // What migrates the database hands nothing over.
    expect(named(onlyContainerOf(on, 'MigrationTaskDefinition'))).toEqual([]);
  });

  it.each(PROGRAMS)('$file: a stop is over before ECS kills the task', ({ file, load }) => {
    const container = containerOf(file);
    const { server } = load(environmentOf(container));
    const needed = server.drainDelaySeconds + server.shutdownTimeoutSeconds + LAST_WORDS_SECONDS;
    expect(container.StopTimeout).toBeGreaterThanOrEqual(needed);
    expect(container.StopTimeout).toBeLessThanOrEqual(LONGEST_STOP_SECONDS);
  });

  it.each(PROGRAMS)(
    '$file runs its containers without root and with a health check of the process alone',
    ({ file }) => {
      const container = containerOf(file);
      expect([container.User, container.ReadonlyRootFilesystem]).toEqual(['1000:1000', true]);
      expect(container.HealthCheck?.Command.join(' ')).toContain('/health/live');
      expect(container.HealthCheck?.Timeout).toBeLessThan(container.HealthCheck?.Interval ?? 0);
    },
  );

  it('a task that is stopped without notice is out of the balancer before its drain delay is over', () => {
    const { server } = loadGatewayConfigs(environmentOf(containerOf('service.yml')));
    expect(targetGroups).toHaveLength(2);
    for (const group of targetGroups) {
      const {
        HealthCheckIntervalSeconds = 0,
        UnhealthyThresholdCount = 0,
        HealthCheckTimeoutSeconds = 0,
      } = group;
      expect(group['HealthCheckPath']).toBe('/health/ready');
      expect(HealthCheckTimeoutSeconds).toBeLessThan(HealthCheckIntervalSeconds);
      expect(server.drainDelaySeconds).toBeGreaterThanOrEqual(
        HealthCheckIntervalSeconds * UnhealthyThresholdCount + HealthCheckTimeoutSeconds,
      );
    }
  });

  it('connections outlive what is under way, and the balancer closes idle ones first', () => {
    const { server } = loadGatewayConfigs(environmentOf(containerOf('service.yml')));
    const { DeregistrationDelaySeconds, IdleTimeoutSeconds } = template('edge.yml').Parameters;
    expect(DeregistrationDelaySeconds?.MinValue).toBeGreaterThanOrEqual(
      server.drainDelaySeconds + server.shutdownTimeoutSeconds,
    );
    expect(IdleTimeoutSeconds?.MaxValue).toBeLessThan(server.keepAliveSeconds);
  });

  it('the balancer forwards what clients need, and nothing that is for the inside', () => {
    const rules = resourcesOf(template('edge.yml'), 'AWS::ElasticLoadBalancingV2::ListenerRule');
    expect(rules.map(([name]) => name)).toEqual(['ProductionRule', 'TestRule']);
    for (const [, { Properties }] of rules) {
      const patterns = Properties.Conditions[0].PathPatternConfig.Values as string[];
      const forwards = (path: string): boolean =>
        patterns.some((pattern) => new RegExp(`^${pattern.replace('*', '.*')}$`).test(path));
      for (const path of ['/api/mlflow/api/2.0/x', '/mlflow', '/mlflow/', '/health'])
        expect(forwards(path)).toBe(true);
      for (const path of [
        '/metrics',
        '/internal/keys/invalidate',
        '/health/detailed',
        '/health/ready',
        '/',
        '/mlflowx',
      ])
        expect([path, forwards(path)]).toEqual([path, false]);
    }
  });

  it('a release changes nothing of the stack whose rule a canary moves', () => {
    expect(Object.keys(template('edge.yml').Parameters).join()).not.toMatch(
      /Image|Version|Release|Task|Digest/,
    );
    for (const file of ['service.yml', 'key-service.yml'])
      expect(resourcesOf(template(file), 'AWS::ElasticLoadBalancingV2::ListenerRule')).toEqual([]);
  });

  it('a release begins with a tenth of the traffic, and alarms that exist take it back', () => {
    const service = template('service.yml').Resources['Service']?.Properties;
    expect(service.DeploymentController).toEqual({ Type: 'ECS' });
    expect(service.DeploymentConfiguration).toMatchObject({
      Strategy: 'CANARY',
      CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 10 },
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      Alarms: { Enable: true, Rollback: true },
    });
    const alarms = resourcesOf(template('service.yml'), 'AWS::CloudWatch::Alarm').map(([name]) => ({
      Ref: name,
    }));
    const names = service.DeploymentConfiguration.Alarms.AlarmNames as { Ref: string }[];
    expect(names).toHaveLength(3);
    for (const name of names) expect(alarms).toContainEqual(name);
  });

  it.each(['service.yml', 'key-service.yml'])(
    '%s counts events of the log that the programs write',
    (file) => {
      const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
      const filters = resourcesOf(template(file), 'AWS::Logs::MetricFilter');
      expect(filters.length).toBeGreaterThan(1);
      for (const [, { Properties }] of filters) {
        const event = /\$\.event = "([a-z_]+)"/.exec(Properties.FilterPattern as string)?.[1];
        expect(page).toContain(`\`${event}\``);
      }
    },
  );

  it('the gateway logs where the platform looks for its log', () => {
    expect(template('service.yml').Parameters['LogGroupName']?.Default).toBe('/aws/ecs/api-service');
  });

  it.each(TEMPLATES)('%s uses no YAML alias, which CloudFormation refuses', (file) => {
    expect(template(file).text).not.toMatch(/[:-] [&*][a-z]/i);
  });
});

const hasTools = existsSync(join(TOOLS, 'cfn-lint'));
if (!hasTools && process.env['CI'])
  throw new Error('CI needs .cache/deploy-venv: node scripts/prepare.mjs test');
(hasTools ? describe : describe.skip)('the linters of CloudFormation', () => {
  async function run(tool: string, args: string[]): Promise<{ code: unknown; output: string }> {
    const program = startProgram(join(TOOLS, tool), args, { cwd: ECS_FOLDER });
    return { code: await program.exited, output: program.output() };
  }

  it('cfn-lint finds nothing, informational rules included, and would find a percentage that ECS refuses', async () => {
    const dir = await tempDir('cfn');
    const broken = join(dir.path, 'broken.yml');
    writeFileSync(broken, template('service.yml').text.replace('CanaryPercent: 10', 'CanaryPercent: 110'));
    const format = ['--format', 'parseable'];
    const { code, output } = await run('cfn-lint', ['-c', 'I', ...format, '--', ...TEMPLATES, broken]);
    const findings = output.split('\n').filter(Boolean);
    expect([code, findings]).toEqual([2, [expect.stringContaining('110')]]);
    expect(findings[0]).toMatch(`${broken}:`);
    await dir.remove();
  });

  it('checkov finds nothing but what is meant', async () => {
    const meant = {
      CKV_AWS_260: 'port 80 is open to redirect to HTTPS',
      CKV_AWS_158: 'log lines hold no key and no secret; CloudWatch encrypts them with a key of its own',
    };
    const args = ['--framework', 'cloudformation', '--skip-download', '--compact', '--quiet'];
    const { code, output } = await run('checkov', [
      ...args,
      '--skip-check',
      Object.keys(meant).join(','),
      '-d',
      '.',
    ]);
    expect([code, output.includes('FAILED')]).toEqual([0, false]);
  }, 120_000);
});
