import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram } from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { MONITORING } from './monitoring-files.js';

/** Minutes of the rules → seconds of the run: every window and every wait is cut short, and nothing else. */
const WINDOWS: Readonly<Record<string, string>> = {
  '5m': '5s',
  '10m': '10s',
  '15m': '8s',
  '30m': '10s',
  '1h': '12s',
  '6h': '15s',
};

/** The same expression, with windows that fit a run of a minute. */
function shortened(text: string): string {
  return text
    .replace(/\[(\w+)\]/g, (_all, window: string) => `[${WINDOWS[window] ?? window}]`)
    .replace(/\bfor: \w+/g, 'for: 1s')
    .replace('max(auth_outage_seconds) > 60', 'max(auth_outage_seconds) > 1');
}

/** A real Prometheus with the shipped rules. */
export interface RunningPrometheus {
  /** Values that it has for an expression since its start. */
  valuesOf(expression: string): Promise<number[]>;
  /** Names of the alerts that have fired since its start. */
  firedAlerts(): Promise<Set<string>>;
  /** Names of the alerts that fire now. */
  firingAlerts(): Promise<Set<string>>;
  close(): Promise<void>;
}

interface Series {
  metric: Record<string, string>;
  values: [number, string][];
}

/**
 * @param dir folder for its configuration and data
 * @param jobs URLs to scrape, by the name of the job
 */
export async function startPrometheus(
  dir: string,
  jobs: Readonly<Record<string, readonly string[]>>,
): Promise<RunningPrometheus> {
  await mkdir(join(dir, 'rules'));
  for (const name of await readdir(join(MONITORING, 'rules')))
    await writeFile(
      join(dir, 'rules', name),
      shortened(await readFile(join(MONITORING, 'rules', name), 'utf8')),
    );
  const scraped = Object.entries(jobs).map(([name, urls]) => {
    const targets = JSON.stringify(urls.map((url) => new URL(url).host));
    return `  - job_name: ${name}\n    static_configs: [{ targets: ${targets} }]`;
  });
  await writeFile(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${dir}/rules/*.yml']
scrape_configs:
${scraped.join('\n')}
`,
  );
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const startedAt = Date.now() / 1000;
  const program = startProgram('prometheus', [
    `--config.file=${dir}/prometheus.yml`,
    `--storage.tsdb.path=${dir}/data`,
    `--web.listen-address=${address}`,
  ]);
  const close = async (): Promise<void> => void (await program.stop('SIGKILL'));
  await eventually(async () => (await fetch(`${url}/-/ready`)).ok, {
    what: 'Prometheus',
    program,
    timeoutMs: 60_000,
  }).catch(async (error) => {
    await close();
    throw error;
  });
  const range = async (query: string): Promise<Series[]> => {
    const times = { start: String(startedAt), end: String(Date.now() / 1000), step: '1' };
    const body = new URLSearchParams({ query, ...times });
    const { result } = await answered<{ result: Series[] }>(`${url}/api/v1/query_range`, {
      method: 'POST',
      body,
    });
    return result;
  };
  return {
    valuesOf: async (expression) =>
      (await range(shortened(expression))).flatMap(({ values }) => values.map(([, value]) => Number(value))),
    firedAlerts: async () =>
      new Set((await range('ALERTS{alertstate="firing"}')).map(({ metric }) => metric['alertname'] ?? '')),
    firingAlerts: async () => {
      const { alerts } = await answered<{ alerts: { state: string; labels: Record<string, string> }[] }>(
        `${url}/api/v1/alerts`,
      );
      const firing = alerts.filter(({ state }) => state === 'firing');
      return new Set(firing.map(({ labels }) => labels['alertname'] ?? ''));
    },
    close,
  };
}

/** @throws Error with what Prometheus says is wrong */
async function answered<Data>(url: string, request?: RequestInit): Promise<Data> {
  const answer = await fetch(url, request);
  const { status, data, error } = (await answer.json()) as { status: string; data?: Data; error?: string };
  if (status !== 'success' || !data) throw new Error(`${url}: ${error}`);
  return data;
}
