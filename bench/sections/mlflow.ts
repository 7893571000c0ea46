import { MLFLOW_PYTHON, hasProgram } from '../lib/programs.ts';
import { figure } from '../lib/readme.ts';
import { GOOD_KEY, startBackend } from '../parts/backend.ts';
import { startMlflow } from '../parts/mlflow.ts';
import { missing } from '../peers/all.ts';
import { gateway } from '../peers/gateway/peer.ts';
import { mlflowBasicAuth } from '../peers/mlflow-basic-auth/peer.ts';
import { bearer, headersOf, MOUNT, REQUEST_PATH } from '../peers/peer.ts';
import { byName, interleave, measuredRows, p50, rateRatio, type Target } from './rounds.ts';
import { CannotRun, type Figure, type Section } from './section.ts';

// One worker of MLflow runs one thread at a time. Four keep it busy; with eight they get into each other's way
// and answer less, which hides what stands in front.
const CONNECTIONS = 4;
// The basic-auth app answers a handful a second: a shorter visit would see none.
const LEAST_SECONDS = 6;

export const mlflow: Section = {
  name: 'mlflow',
  title: 'In front of a real MLflow',
  async run({ rounds, seconds }) {
    if (!(await hasProgram(MLFLOW_PYTHON))) throw new CannotRun('MLflow is not installed in .cache/');
    const [server, backend] = await Promise.all([startMlflow(), startBackend()]);
    const front = await gateway.start({ upstreamUrl: server.url, authUrl: backend.authUrl });
    const targets: Target[] = [
      { name: 'direct', label: 'MLflow directly', url: server.url + REQUEST_PATH, headers: {} },
      {
        name: 'gateway',
        label: 'MLflow behind this gateway',
        url: front.url + MOUNT + REQUEST_PATH,
        headers: bearer(GOOD_KEY),
        pid: front.child.pid,
      },
    ];
    const lacking = await missing(mlflowBasicAuth);
    const basic = lacking.length === 0 ? await mlflowBasicAuth.start({ ...backend }) : undefined;
    if (basic)
      targets.push({
        name: mlflowBasicAuth.name,
        label: mlflowBasicAuth.label,
        url: basic.url + REQUEST_PATH,
        headers: headersOf(mlflowBasicAuth),
      });
    try {
      const measured = await interleave(targets, {
        rounds,
        seconds: Math.max(seconds, LEAST_SECONDS),
        connections: CONNECTIONS,
      });
      const [direct, ours] = [measured[0]!, measured[1]!];
      const rate = rateRatio(ours, direct);
      const half = p50(ours) / p50(direct);
      const overBasic = rateRatio(ours, byName(measured, mlflowBasicAuth.name));
      const figures: Figure[] = [
        {
          what: 'requests/s over MLflow directly',
          value: rate,
          shown: figure(rate),
          goal: { atLeast: 0.97 },
        },
        { what: 'p50 over MLflow directly', value: half, shown: figure(half), goal: { atMost: 1.05 } },
      ];
      const what = "requests/s over MLflow's basic-auth app";
      if (basic) figures.push({ what, value: overBasic, shown: figure(overBasic), goal: { atLeast: 25 } });
      return {
        figures,
        details: measuredRows(measured, 'direct'),
        notes: [
          `${CONNECTIONS} connections, MLflow with one worker on SQLite`,
          ...(basic
            ? [`${mlflowBasicAuth.label}: ${mlflowBasicAuth.about}`]
            : ['MLflow basic-auth was left out: its extra is not installed']),
        ],
      };
    } finally {
      await Promise.all([front.stop(), basic?.stop(), server.stop(), backend.stop()]);
    }
  },
};
