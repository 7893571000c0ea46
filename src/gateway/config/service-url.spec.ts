import { ConfigError, loadConfigs, type Environment } from '../../platform/config/env.js';
import { AuthConfig } from './auth.config.js';
import { MlflowConfig } from './mlflow.config.js';
import { UsageReportConfig } from './usage-report.config.js';

const MLFLOW = { MLFLOW_SERVER_URL: 'http://mlflow:5000' };

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfigs({ ...MLFLOW, ...env }, [AuthConfig, MlflowConfig, UsageReportConfig]);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('the address of a service to which paths are added', () => {
  const names = ['MLFLOW_SERVER_URL', 'HOKUSAI_AUTH_SERVICE_URL'];

  it.each(names)('in %s may have a path of its own', (name) =>
    expect(problemsOf({ [name]: 'https://service.example/base/' })).toEqual([]),
  );

  describe.each(names)('in %s', (name) =>
    it.each([
      'https://user:hunter2@service.example',
      'https://user@service.example',
      'https://service.example/?tenant=1',
      'https://service.example?',
      'https://service.example/#part',
      'https://service.example#',
    ])('is refused as %s, without naming it', (url) =>
      expect(problemsOf({ [name]: url })).toEqual([`${name} must have no user, password, query or fragment`]),
    ),
  );
});

describe('the address that usage is posted to', () => {
  it.each(['https://auth.example/api/v1/usage', 'https://auth.example/usage?tenant=1'])('may be %s', (url) =>
    expect(problemsOf({ USAGE_REPORT_URL: url })).toEqual([]),
  );

  it.each(['https://user:hunter2@auth.example/usage', 'https://auth.example/usage#part'])(
    'is refused as %s, which could not be posted to',
    (url) =>
      expect(problemsOf({ USAGE_REPORT_URL: url })).toEqual([
        'USAGE_REPORT_URL must have no user, password or fragment',
      ]),
  );

  it('is refused if it is not a valid address', () =>
    expect(problemsOf({ USAGE_REPORT_URL: 'auth.example' })).toEqual([
      'USAGE_REPORT_URL must be an http:// or https:// URL',
    ]));
});
