import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startProgram } from '../../support/programs/child-program.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';
import {
  CHART,
  hasHelm,
  helm,
  HELM_VERSIONS,
  ofKind,
  render,
  ROOT,
  VALUES_FILES,
  valuesFile,
  type KubernetesObject,
} from './helm-chart.js';

const VALIDATE = join(ROOT, '.cache/deploy-venv/bin/kubernetes-validate');
/** The oldest that the chart allows, one between, and the newest with a schema. */
const KUBERNETES_VERSIONS = ['1.29', '1.33', '1.37'];
/** Kinds of others, for which Kubernetes has no schema. */
const FOREIGN_KINDS = ['HTTPRoute', 'PrometheusRule', 'ServiceMonitor'];

const cases = HELM_VERSIONS.flatMap((version) => VALUES_FILES.map((file) => ({ version, file })));

(hasHelm ? describe : describe.skip)('deploy/helm/mlflow-gateway and the versions of Helm', () => {
  it.each(cases)('Helm $version finds nothing in it with ci/$file', async ({ version, file }) => {
    const { code, output } = await helm(['lint', '--strict', CHART, '-f', valuesFile(file)], version);
    expect([code, output]).toEqual([0, expect.not.stringMatching(/\[(WARNING|ERROR)\]/)]);
  });

  it.each(VALUES_FILES)('all of them make the same of ci/%s', async (file) => {
    const [first, ...others] = await Promise.all(HELM_VERSIONS.map((version) => render(file, [], version)));
    expect(first?.length).toBeGreaterThan(2);
    const sorted = (objects: readonly KubernetesObject[] = []): string[] =>
      objects.map((one) => JSON.stringify(one)).sort();
    for (const other of others) expect(sorted(other)).toEqual(sorted(first));
  });

  it('what is packed of it makes the same', async () => {
    const dir = await tempDir('helm');
    expect(await helm(['package', CHART, '--destination', dir.path])).toMatchObject({ code: 0 });
    const packed = join(dir.path, readdirSync(dir.path)[0] ?? '');
    const file = 'ingress-values.yaml';
    expect(await render(file, [], undefined, packed)).toEqual(await render(file));
    await dir.remove();
  });

  it('the alerts and the names of the jobs are those of deploy/monitoring', async () => {
    const objects = await render('ingress-values.yaml');
    const folder = join(ROOT, 'deploy/monitoring');
    const groups = readdirSync(join(folder, 'rules')).flatMap(
      (name) => (parse(readFileSync(join(folder, 'rules', name), 'utf8')) as { groups: unknown[] }).groups,
    );
    expect(groups.length).toBeGreaterThan(1);
    expect(ofKind(objects, 'PrometheusRule')[0]?.spec.groups).toEqual(groups);
    const scraped = parse(readFileSync(join(folder, 'prometheus.yml'), 'utf8')) as {
      scrape_configs: { job_name: string }[];
    };
    const jobs = ofKind(objects, 'ServiceMonitor').map(
      ({ spec }) => spec.endpoints[0].relabelings[0].replacement as string,
    );
    expect(jobs.sort()).toEqual(scraped.scrape_configs.map(({ job_name }) => job_name).sort());
  });
});

const hasSchemas = hasHelm && existsSync(VALIDATE);
if (!hasSchemas && process.env['CI'])
  throw new Error('CI needs kubernetes-validate: node scripts/prepare.mjs test');
(hasSchemas ? describe : describe.skip)('the schemas of Kubernetes', () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir('manifests');
  });
  afterAll(() => dir?.remove());

  async function validate(
    objects: readonly KubernetesObject[],
    version: string,
  ): Promise<{ code: unknown; output: string }> {
    const files = objects
      .filter(({ kind }) => !FOREIGN_KINDS.includes(kind))
      .map((object, n) => {
        const path = join(dir.path, `${n}.yaml`);
        // The tool reads YAML 1.1, where off is not a string.
        writeFileSync(path, stringify(object, { version: '1.1' }));
        return path;
      });
    const program = startProgram(VALIDATE, ['--strict', '--quiet', '-k', version, ...files]);
    return { code: await program.exited, output: program.output() };
  }

  it.each(VALUES_FILES)(
    'find nothing in what ci/%s makes, from the oldest version to the newest',
    async (file) => {
      const objects = await render(file);
      for (const version of KUBERNETES_VERSIONS)
        expect([version, await validate(objects, version)]).toEqual([version, { code: 0, output: '' }]);
    },
    120_000,
  );

  it('would find a field that does not exist', async () => {
    const objects = await render('least-values.yaml');
    const [deployment] = ofKind(objects, 'Deployment');
    if (deployment) deployment.spec.template.spec.terminationGraceSeconds = 45;
    const { code, output } = await validate(objects, '1.33');
    expect([code, output]).toEqual([1, expect.stringContaining('terminationGraceSeconds')]);
  }, 60_000);
});
