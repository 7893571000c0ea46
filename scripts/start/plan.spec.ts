import { readPlan } from './plan.ts';

const ROOT = '/checkout';

describe('the plan of npm start', () => {
  it('starts everything on loopback where nothing is set', () => {
    expect(readPlan({}, ROOT)).toEqual({
      root: ROOT,
      dataDir: '/checkout/.data',
      gatewayPort: 8001,
      gatewayUrl: 'http://127.0.0.1:8001',
      authServiceUrl: 'http://127.0.0.1:8000',
      keyServicePort: 8000,
      mlflowServerUrl: undefined,
    });
  });

  it('starts no key service where an auth service is set', () => {
    const plan = readPlan(
      { HOKUSAI_AUTH_SERVICE_URL: 'https://auth.hokus.ai/', KEY_SERVICE_PORT: 'x' },
      ROOT,
    );
    expect(plan.keyServicePort).toBeUndefined();
    expect(plan.authServiceUrl).toBe('https://auth.hokus.ai');
  });

  it('starts no MLflow where one is set', () => {
    expect(readPlan({ MLFLOW_SERVER_URL: 'http://mlflow:5000' }, ROOT).mlflowServerUrl).toBe(
      'http://mlflow:5000',
    );
  });

  it('takes an empty variable as not set', () => {
    expect(readPlan({ PORT: '', MLFLOW_SERVER_URL: ' ', DATA_DIR: '' }, ROOT)).toEqual(readPlan({}, ROOT));
  });

  it('takes a data folder relative to the checkout, or absolute', () => {
    expect(readPlan({ DATA_DIR: 'elsewhere' }, ROOT).dataDir).toBe('/checkout/elsewhere');
    expect(readPlan({ DATA_DIR: '/var/data' }, ROOT).dataDir).toBe('/var/data');
  });

  it.each(['0', '65536', '80a', '-1', '1.5'])('refuses the port %s in one sentence', (PORT) => {
    expect(() => readPlan({ PORT }, ROOT)).toThrow('PORT must be a port, a whole number from 1 to 65535.');
  });

  it('refuses one port for two programs', () => {
    expect(() => readPlan({ PORT: '9000', KEY_SERVICE_PORT: '9000' }, ROOT)).toThrow('must not be the same');
  });
});
