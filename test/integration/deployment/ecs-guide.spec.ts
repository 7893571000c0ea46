import { codeBlocks } from '../../../scripts/docs-site/markdown.js';
import { blocksOf, readPage } from '../../support/docs/docs-blocks.js';
import { readTemplate, resourcesOf, type Resource, type Template } from './cloudformation.js';

const PAGE = 'docs/deploy-ecs.md';
const files = { 'key-service.json': 'key-service.yml', 'gateway.json': 'service.yml' } as const;

/** Names of parameters in the file of parameters that the page shows. */
function shownIn(file: keyof typeof files): string[] {
  const lists = codeBlocks(readPage(PAGE))
    .filter(({ language }) => language === 'json')
    .map(({ code }) => JSON.parse(code) as string[]);
  const own = { 'key-service.json': 'DatabaseUrlSecretArn', 'gateway.json': 'MlflowServerUrl' }[file];
  return (lists.find((list) => list.join().includes(own)) ?? []).map((line) => line.split('=')[0] as string);
}

const needed = ({ Parameters }: Template): string[] =>
  Object.entries(Parameters)
    .filter(([, { Default }]) => Default === undefined)
    .map(([name]) => name);

describe(PAGE, () => {
  it.each(Object.keys(files) as (keyof typeof files)[])(
    '%s has every parameter without a default, and none that the template lacks',
    async (file) => {
      const template = await readTemplate(files[file]);
      const shown = shownIn(file);
      expect(needed(template).filter((name) => !shown.includes(name))).toEqual([]);
      expect(shown.filter((name) => !(name in template.Parameters))).toEqual([]);
    },
  );

  it('each command gives parameters that its template has, and the first one all that are needed', async () => {
    const commands = blocksOf(PAGE).flatMap(({ code }) =>
      code
        .replaceAll('\\\n', ' ')
        .split('\n')
        .filter((line) => line.startsWith('aws cloudformation deploy')),
    );
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) {
      const [, name = ''] = /--template-file deploy\/ecs\/(\S+)/.exec(command) ?? [];
      const template = await readTemplate(name);
      const given = [...command.matchAll(/ ([A-Z]\w+)=/g)].map(([, parameter]) => parameter as string);
      for (const parameter of given) expect(Object.keys(template.Parameters)).toContain(parameter);
      if (name === 'edge.yml') for (const parameter of needed(template)) expect(given).toContain(parameter);
    }
  });

  it('gateways and key services find each other by the names that they have in their namespace', async () => {
    const [gateway, keyService] = [await readTemplate('service.yml'), await readTemplate('key-service.yml')];
    const addressOf = (template: Template): string => {
      const [[, service]] = resourcesOf(template, 'AWS::ECS::Service') as [[string, Resource]];
      const { Namespace, Services } = service.Properties.ServiceConnectConfiguration;
      expect(Namespace).toEqual({ Ref: 'NamespaceArn' });
      const [{ DnsName, Port }] = Services[0].ClientAliases as [{ DnsName: string; Port: number }];
      return `http://${DnsName}:${Port}`;
    };
    const defaultOf = (template: Template, name: string): unknown => template.Parameters[name]?.Default;
    expect(defaultOf(gateway, 'AuthServiceUrl')).toBe(addressOf(keyService));
    expect(defaultOf(gateway, 'UsageReportUrl')).toBe(`${addressOf(keyService)}/api/v1/usage`);
    expect(defaultOf(keyService, 'GatewayInvalidateUrls')).toBe(
      `${addressOf(gateway)}/internal/keys/invalidate`,
    );
  });

  it('the key service may begin without tasks, and is migrated by an image of its own', async () => {
    const { Parameters, Resources } = await readTemplate('key-service.yml');
    expect(Parameters['Tasks']).toMatchObject({ Default: 2, AllowedValues: expect.arrayContaining([0]) });
    const imageOf = (name: string): unknown => Resources[name]?.Properties.ContainerDefinitions[0].Image;
    expect(imageOf('MigrationTaskDefinition')).toEqual({ Ref: 'MigrationImage' });
    expect(imageOf('TaskDefinition')).toEqual({ Ref: 'Image' });
  });
});
