import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { helmFolder, HELMS } from '../../../scripts/prepare/helm.mjs';
import { startProgram } from '../../support/programs/child-program.js';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const CHART = join(ROOT, 'deploy/helm/mlflow-gateway');
/** Each option of the chart is in one of them. */
export const VALUES_FILES = readdirSync(join(CHART, 'ci')).sort();
export const HELM_VERSIONS = HELMS.map(({ version }) => version);
const NEWEST = HELM_VERSIONS.at(-1) ?? '';

export const hasHelm = HELM_VERSIONS.every((version) => existsSync(helmFolder(ROOT, version)));
if (!hasHelm && process.env['CI']) throw new Error('CI needs Helm: node scripts/prepare.mjs test');

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  // What stands here depends on the kind; each test says what it reads.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  spec: any;
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  env: { name: string; value: string }[];
  ports?: { name: string; containerPort: number }[];
  resources: { limits: { memory: string } };
  securityContext: object;
  volumeMounts: { name: string; mountPath: string }[];
  readinessProbe: Probe;
  livenessProbe: Probe;
}

export interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

/** What Helm says and how it ends. */
export async function helm(
  args: readonly string[],
  version = NEWEST,
): Promise<{ code: unknown; output: string }> {
  const program = startProgram(join(helmFolder(ROOT, version), 'helm/helm'), [...args]);
  return { code: await program.exited, output: program.output() };
}

export const valuesFile = (name: string): string => join(CHART, 'ci', name);

/**
 * What the chart makes of a file in `ci/`.
 *
 * @param more further arguments of Helm, such as `--set`
 */
export async function render(
  file: string,
  more: readonly string[] = [],
  version = NEWEST,
  chart = CHART,
): Promise<KubernetesObject[]> {
  const args = ['template', 'r', chart, '--namespace', 'models', '-f', valuesFile(file), ...more];
  const { code, output } = await helm(args, version);
  if (code !== 0) throw new Error(output);
  return objectsOf(output);
}

/** Helm's remarks stand before the first object. */
function objectsOf(output: string): KubernetesObject[] {
  const yaml = output.slice(Math.max(0, output.search(/^---$/m)));
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((one): one is KubernetesObject => one !== null);
}

export const ofKind = (objects: readonly KubernetesObject[], kind: string): KubernetesObject[] =>
  objects.filter((one) => one.kind === kind);

/** Deployments and jobs, which have pods. */
export const workloads = (objects: readonly KubernetesObject[]): KubernetesObject[] =>
  objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');

export const componentOf = ({ metadata }: KubernetesObject): string =>
  metadata.labels['app.kubernetes.io/component'] ?? '';

/** The deployment or job of a part; a chart without it is a fault of the test. */
export function workload(objects: readonly KubernetesObject[], component: string): KubernetesObject {
  const found = workloads(objects).find((one) => componentOf(one) === component);
  if (found === undefined) throw new Error(`no ${component}`);
  return found;
}

export const containerOf = (object: KubernetesObject): Container =>
  (object.spec.template.spec as { containers: Container[] }).containers[0] as Container;
