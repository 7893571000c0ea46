import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROWS, type Panel } from './panels.ts';

export const DASHBOARD_FILE = join(import.meta.dirname, 'grafana/mlflow-gateway.json');

/** Grafana's grid is 24 wide. */
const WIDTH = 24;
const HEIGHT = 7;
const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The dashboard as Grafana imports it. */
export function renderDashboard(): string {
  let y = 0;
  let id = 0;
  const panels = ROWS.flatMap(({ title, panels: shown }) => {
    const row = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: WIDTH, h: 1 },
      panels: [],
    };
    const perLine = shown.length === 3 ? 3 : 2;
    const width = WIDTH / perLine;
    const placed = shown.map((panel, index) =>
      graph(panel, ++id, {
        x: (index % perLine) * width,
        y: y + Math.floor(index / perLine) * HEIGHT,
        w: width,
        h: HEIGHT,
      }),
    );
    y += Math.ceil(shown.length / perLine) * HEIGHT;
    return [row, ...placed];
  });
  const dashboard = {
    uid: 'mlflow-gateway',
    title: 'Hokusai Gateway for MLflow',
    tags: ['mlflow', 'gateway'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {} },
      ],
    },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function graph({ title, unit, queries }: Panel, id: number, gridPos: object): object {
  return {
    id,
    type: 'timeseries',
    title,
    gridPos,
    datasource: DATA_SOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATA_SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}

if (import.meta.main) {
  if (process.argv.includes('--check'))
    process.exitCode = readFileSync(DASHBOARD_FILE, 'utf8') === renderDashboard() ? 0 : 1;
  else writeFileSync(DASHBOARD_FILE, renderDashboard());
}
