import { greeting } from './greeting.ts';
import { readPlan } from './plan.ts';

const KEY = 'hk_dev_not_a_real_key';
const parts = {
  plan: readPlan({}, '/checkout'),
  apiKey: KEY,
  mlflowServerUrl: 'http://127.0.0.1:5000',
  python: '.cache/mlflow-venv/bin/python',
  adminTokenFile: '/checkout/.data/secrets/admin-token',
};

describe('the greeting of npm start', () => {
  it('has the key, ready to be pasted into a shell and into curl', () => {
    const text = greeting(parts);
    expect(text).toContain('export MLFLOW_TRACKING_URI=http://127.0.0.1:8001/api/mlflow\n');
    expect(text).toContain(`export MLFLOW_TRACKING_TOKEN='${KEY}'\n`);
    expect(text).toContain(`curl -H 'Authorization: Bearer ${KEY}'`);
  });

  it('says where everything is, by short names', () => {
    const text = greeting(parts);
    for (const word of [
      '/health',
      '/metrics',
      'http://127.0.0.1:8001/mlflow/',
      'http://127.0.0.1:8000',
      'http://127.0.0.1:8000/console',
      'http://127.0.0.1:5000',
      '.data/logs',
    ])
      expect(text).toContain(word);
    expect(text).toContain('admin token: .data/secrets/admin-token');
  });

  it('names what lies outside the checkout by its whole path', () => {
    const plan = readPlan({ DATA_DIR: '/var/mlflow' }, '/checkout');
    const text = greeting({ ...parts, plan, adminTokenFile: '/var/mlflow/secrets/admin-token' });
    expect(text).toContain('admin token: /var/mlflow/secrets/admin-token');
    expect(text).toContain('  /var/mlflow  /var/mlflow/logs');
  });

  it('says what its example needs where no MLflow client was installed', () => {
    const text = greeting({ ...parts, python: undefined });
    expect(text).toContain('Log a run from Python, where the MLflow client is (pip install mlflow);');
    expect(text).toContain("\npython - <<'EOF'\n");
  });

  it('names no console of a key service that was not started', () => {
    const plan = readPlan({ HOKUSAI_AUTH_SERVICE_URL: 'https://auth.example' }, '/checkout');
    expect(greeting({ ...parts, plan })).not.toContain('/console');
  });

  it('invents no key where none could be made', () => {
    const text = greeting({ ...parts, apiKey: undefined, adminTokenFile: undefined });
    expect(text).toContain('ask your key administrator');
    expect(text).toContain("'<your API key>'");
    expect(text).not.toContain('(admin token:');
  });
});
