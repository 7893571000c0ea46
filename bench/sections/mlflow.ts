import { startMlflowServer } from '../../test/support/mlflow-server.ts';
import { MLFLOW_PYTHON, hasProgram } from '../lib/programs.ts';
import { figure, type Row } from '../lib/readme.ts';
import { GOOD_KEY, startBackend } from '../parts/backend.ts';
import { missing } from '../peers/all.ts';
import { gateway } from '../peers/gateway/peer.ts';
import { mlflowBasicAuth } from '../peers/mlflow-basic-auth/peer.ts';
import { bearer, headersOf, MOUNT, REQUEST_PATH } from '../peers/peer.ts';
import {
  byName,
  interleave,
  measuredRows,
  p50Ratio,
  rateRatio,
  type Measured,
  type Target,
} from './rounds.ts';
import { CannotRun, type Figure, type Section } from './section.ts';

// As one training job asks, and as several at once do. One worker of MLflow runs one thread at a time: four
// connections keep it busy; with eight its threads get into each other's way and answer less, which hides what stands
// in front.
const ONE = 1;
const SEVERAL = 4;
// The basic-auth app answers a handful a second: a shorter visit would see none.
const LEAST_SECONDS = 6;

export const mlflow: Section = {
  name: 'mlflow',
  title: 'In front of a real MLflow',
  async run({ rounds, seconds }) {
    if (!(await hasProgram(MLFLOW_PYTHON))) throw new CannotRun('MLflow is not installed in .cache/');
    const [server, backend] = await Promise.all([startMlflowServer(), startBackend()]);
    const front = await gateway.start({ upstreamUrl: server.url, authUrl: backend.authUrl });
    const targets: Target[] = [
      { name: 'direct', label: 'MLflow directly', url: server.url + REQUEST_PATH, headers: {} },
      {
        name: 'gateway',
        label: 'MLflow behind this gateway',
        url: front.url + MOUNT + REQUEST_PATH,
        headers: bearer(GOOD_KEY),
        pid: front.pid,
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
      const visit = { rounds, seconds: Math.max(seconds, LEAST_SECONDS) };
      const one = await interleave(targets, { ...visit, connections: ONE });
      const several = await interleave(targets, { ...visit, connections: SEVERAL });
      return {
        figures: [...overDirect(several), ...(basic ? overBasicAuth(one, several) : [])],
        details: [...rows(one, ', one connection'), ...rows(several, `, ${SEVERAL} connections`).slice(1)],
        notes: [
          'MLflow with one worker on SQLite',
          ...(basic
            ? [
                `${mlflowBasicAuth.label}: ${mlflowBasicAuth.about}; Python's lock is free meanwhile, so that several ` +
                  'requests at once use a second processor, which MLflow alone cannot',
              ]
            : ['MLflow basic-auth was left out: its extra is not installed']),
        ],
      };
    } finally {
      await Promise.all([front.stop(), basic?.stop(), server.close(), backend.stop()]);
    }
  },
};

/** What the gateway costs where MLflow has as much to do as it can. */
function overDirect(measured: readonly Measured[]): Figure[] {
  const [direct, ours] = [measured[0]!, measured[1]!];
  const rate = rateRatio(ours, direct);
  const half = p50Ratio(ours, direct);
  return [
    { what: 'requests/s over MLflow directly', value: rate, shown: figure(rate), goal: { atLeast: 0.97 } },
    { what: 'p50 over MLflow directly', value: half, shown: figure(half), goal: { atMost: 1.05 } },
  ];
}

function overBasicAuth(one: readonly Measured[], several: readonly Measured[]): Figure[] {
  const over = (measured: readonly Measured[]): number =>
    rateRatio(measured[1], byName(measured, mlflowBasicAuth.name));
  return [
    {
      what: "requests/s over MLflow's basic-auth app, one connection",
      value: over(one),
      shown: figure(over(one)),
      goal: { atLeast: 25 },
    },
    { what: `the same with ${SEVERAL}`, value: over(several), shown: figure(over(several)) },
  ];
}

/** Each row's first cell with `suffix`, below the head. */
function rows(measured: readonly Measured[], suffix: string): Row[] {
  const [head, ...body] = measuredRows(measured, 'direct');
  return [head!, ...body.map(([label, ...cells]) => [`${label}${suffix}`, ...cells])];
}
