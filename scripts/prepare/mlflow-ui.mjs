import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { prepareLog, seeLog, whenLate } from './log.mjs';
import { run, tail } from './run.mjs';
import { Complaint, slowly } from './say.mjs';

// Takes the files out of the wheel, which is thrown away: most of it is what the environment has already.
const UNPACK = `
import glob, importlib.metadata, os, subprocess, sys, tempfile, zipfile
version = importlib.metadata.version("mlflow-skinny")
place = sys.argv[1]
with tempfile.TemporaryDirectory() as folder:
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    subprocess.run([*pip, "--disable-pip-version-check", "-d", folder, f"mlflow=={version}"], check=True)
    with zipfile.ZipFile(glob.glob(os.path.join(folder, "*.whl"))[0]) as wheel:
        wheel.extractall(place, [name for name in wheel.namelist() if name.startswith("mlflow/server/js/build/")])
open(os.path.join(place, "mlflow/server/js/build/.unpacked"), "w").close()
`;

/**
 * Adds MLflow's UI to a virtual environment that holds the server without it: the UI is only in the wheel of the whole
 * MLflow. Does nothing where it is there.
 *
 * @param {string} root folder of the checkout
 * @param {string} name of the environment, such as `mlflow-2.22`
 */
export async function addMlflowUi(root, name) {
  const venv = realpathSync(join(root, '.cache', `${name}-venv`));
  const python = join(venv, 'bin', 'python');
  const where = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_paths()["purelib"])']);
  const packages = where.output.trim();
  if (where.code === 0 && existsSync(join(packages, 'mlflow/server/js/build/.unpacked'))) return;
  const add = async () => {
    const { code, output } = await run(python, ['-c', UNPACK, packages], { logFile: prepareLog(root) });
    if (code !== 0)
      throw new Complaint(`The UI of ${name} could not be fetched:\n${tail(output)}\n${seeLog(root)}`);
  };
  await slowly(`Fetching the UI of ${name}, for tests`, add, whenLate(root, 60));
}
