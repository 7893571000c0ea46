import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { documentedParts } from './docs/parts.ts';
import {
  insertGenerated,
  renderConfiguration,
  renderEnvExample,
  renderErrors,
  renderScopes,
} from './docs/render.ts';
import { renderChartSchema, renderChartValues } from './docs/render-chart.ts';
import { renderCli } from './docs/render-cli.ts';
import { renderOpenApi } from './docs/render-openapi.ts';

/** Writes the generated parts of the documentation. Needs a build: `npm run docs` makes one. */
const load = async (path: string): Promise<Record<string, unknown>> =>
  (await import(new URL(`../dist/${path}.js`, import.meta.url).href)) as Record<string, unknown>;

const { catalogue, groups, calls, gatewayApi, keyServiceApi, cli } = await documentedParts(load);

const rewrite = (path: string, name: string, part: string): void =>
  writeFileSync(path, insertGenerated(readFileSync(path, 'utf8'), name, part));

rewrite('docs/errors.md', 'errors', renderErrors(catalogue));
rewrite('docs/configuration.md', 'configuration', renderConfiguration(groups));
rewrite('docs/authorization.md', 'scopes', renderScopes(calls));
rewrite('docs/http-api-gateway.md', 'gateway-api', renderOpenApi(gatewayApi));
rewrite('docs/http-api-key-service.md', 'key-service-api', renderOpenApi(keyServiceApi));
rewrite('docs/cli-reference.md', 'cli', renderCli(cli));
writeFileSync('.env.example', renderEnvExample(groups));

const chart = 'deploy/helm/mlflow-gateway';
const schema = renderChartSchema(readFileSync(`${chart}/values.schema.json`, 'utf8'), groups);
writeFileSync(`${chart}/values.schema.json`, schema);
const values: unknown = parse(readFileSync(`${chart}/values.yaml`, 'utf8'));
rewrite('docs/deploy-kubernetes.md', 'chart-values', renderChartValues(schema, values));
// Helm reads no file outside of the chart.
cpSync('deploy/monitoring/rules', `${chart}/rules`, { recursive: true });
