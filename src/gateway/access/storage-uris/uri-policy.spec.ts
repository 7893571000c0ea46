import { uriFault, type StorageUriPolicy, type UriUse } from './uri-policy.js';

const SCHEMES = ['s3', 'gs', 'wasbs', 'mlflow-artifacts'];
const RUN = '0123456789abcdef0123456789abcdef';
const fault = (uri: string, use: UriUse, policy: StorageUriPolicy): string | undefined =>
  uriFault(uri, use, { policy, schemes: SCHEMES });

describe('STORAGE_URI_POLICY', () => {
  it('off lets everything pass', () => {
    for (const uri of ['/etc', 'file:///etc', 'http://169.254.169.254/', 's3://x'])
      for (const use of ['location', 'source', 'url'] as const)
        expect(fault(uri, use, 'off')).toBeUndefined();
  });

  it('takes an empty text for no address', () => {
    for (const use of ['location', 'source', 'url'] as const)
      expect(fault('', use, 'managed')).toBeUndefined();
  });

  it('managed lets MLflow alone say where files are', () => {
    for (const uri of ['s3://bucket/x', 'mlflow-artifacts:/2', '/etc', 'file:///etc', '.'])
      expect(fault(uri, 'location', 'managed')).toContain('MLflow chooses itself');
  });

  it('managed makes model versions of what MLflow holds', () => {
    for (const uri of [`runs:/${RUN}/m`, 'models:/a/1', `models:/m-${RUN}`, 'mlflow-artifacts:/2/x'])
      expect(fault(uri, 'source', 'managed')).toBeUndefined();
    for (const uri of ['s3://b/x', '/etc', 'mlflow-artifacts://host/2', 'mlflow-artifacts:/%2532/x'])
      expect(fault(uri, 'source', 'managed')).toContain('is not one of');
  });

  it.each([
    's3://bucket/x',
    'S3://bucket/x',
    'gs://b/a b'.replace(' ', '-'),
    'wasbs://c@acc.example.net/x',
    'mlflow-artifacts:/2',
  ])('schemes lets the listed stores pass: %s', (uri) => {
    for (const use of ['location', 'source'] as const) expect(fault(uri, use, 'schemes')).toBeUndefined();
  });

  it.each([
    '/etc',
    './x',
    'x',
    'C:\\x',
    'file:///etc',
    'FILE:/etc',
    'http://example.com/',
    'https://example.com/',
    'hdfs://h/x',
    's3://10.0.0.1/x',
    's3://user@10.0.0.1:9000/x',
    's3://[::1]/x',
    's3://0x7f000001/x',
    's3://2130706433/x',
    's3://bucket/../other',
    's3://bucket/%2e%2e/other',
    's3://buc ket/x',
    's3://b/x\n',
    ' s3://bucket/x',
    'mlflow-artifacts://host/2',
    '//host/x',
  ])('schemes refuses %j', (uri) => {
    expect(fault(uri, 'location', 'schemes')).toEqual(expect.any(String));
    expect(fault(uri, 'source', 'schemes')).toEqual(expect.any(String));
  });

  it('has no list that opens the file system or the web', () => {
    for (const scheme of ['file', 'http', 'https'])
      expect(uriFault(`${scheme}://x/y`, 'location', { policy: 'schemes', schemes: [scheme] })).toContain(
        scheme,
      );
  });

  it.each(['https://hooks.example.com/x', 'https://hooks.example.com:8443/x?y=1'])(
    'lets servers be called by their public names: %s',
    (uri) => {
      expect(fault(uri, 'url', 'schemes')).toBeUndefined();
      expect(fault(uri, 'url', 'managed')).toBeUndefined();
    },
  );

  it.each([
    'http://hooks.example.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://localhost/',
    'https://a.localhost./',
    'https://metadata.google.internal/',
    'https://mlflow/',
    'https://user:pass@example.com/',
    'ftp://example.com/',
    'hooks.example.com',
    'https://exa mple.com/',
    'https:\\\\example.com',
  ])('calls no other: %j', (uri) => {
    expect(fault(uri, 'url', 'schemes')).toEqual(expect.any(String));
  });
});
