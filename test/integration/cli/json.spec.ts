import type { Command } from 'commander';
import { CommandRunner } from '../../../src/cli/command-context.js';
import { buildProgram } from '../../../src/cli/program.js';
import { adminEnv, clientEnv } from '../../support/programs/hokusai-env.js';
import { startFakeMlflow, type FakeMlflow } from '../../support/mlflow/fake-mlflow.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { cliIo, hokusai } from '../../support/programs/hokusai.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

let dir: TempDir;
let keyService: TestKeyService;
let mlflow: FakeMlflow;
let gateway: TestGateway;
let env: Record<string, string>;
let keyId: string;
let policyId: string;

beforeAll(async () => {
  dir = await tempDir('json');
  keyService = await startTestKeyService({ DATABASE_URL: `sqlite:///${dir.path}/keys.db` });
  mlflow = await startFakeMlflow();
  gateway = await startTestGateway({
    MLFLOW_SERVER_URL: mlflow.url,
    HOKUSAI_AUTH_SERVICE_URL: keyService.url,
  });
  const args = ['auth', 'create-key', '--name', 'json', '--json'];
  const key = (await hokusai(args, { env: adminEnv({ keyService }) })).json<Record<string, string>>();
  keyId = key['key_id'] ?? '';
  const policy = ['auth', 'create-rotation-policy', '--environment', 'staging', '--max-age', '90d', '--json'];
  policyId = String((await hokusai(policy, { env: adminEnv({ keyService }) })).json()['policy_id']);
  env = { ...clientEnv({ gateway, keyService }, key['api_key'] ?? ''), ...adminEnv({ keyService }) };
});
afterAll(async () => {
  await gateway?.close();
  await mlflow?.close();
  await keyService?.close();
  await dir?.remove();
});

/** Every command with arguments that work, and a member of its result. */
const COMMANDS: Readonly<Record<string, readonly [args: string, member: string]>> = {
  'auth create-key': ['--name again', 'api_key'],
  'auth list-keys': ['', 'keys'],
  'auth show-key': ['KEY', 'key_id'],
  'auth validate': ['', 'valid'],
  'auth whoami': ['', 'levels'],
  'auth explain': ['GET /api/2.0/mlflow/runs/get?run_id=x', 'decision'],
  'auth shadow-report': ['', 'rows'],
  'auth audit': ['', 'entries'],
  'auth usage': ['KEY', 'total_requests'],
  'auth suggest-grants': ['KEY', 'scopes'],
  'auth services': ['', 'services'],
  'auth register-service': ['fresh', 'service_id'],
  'auth remove-service': ['fresh --yes', 'removed'],
  'auth rotation-policies': ['', 'policies'],
  'auth create-rotation-policy': ['--environment production --max-age 90d', 'policy_id'],
  'auth update-rotation-policy': ['POLICY --max-age 30d', 'max_age_days'],
  'auth remove-rotation-policy': ['POLICY --yes', 'removed'],
  'auth rotation-deliveries': ['', 'total'],
  'auth update-key': ['KEY --rate-limit 1000', 'rate_limit_per_hour'],
  verify: ['', 'checks'],
  doctor: ['', 'checks'],
  completion: ['bash', 'script'],
  configure: ['--tracking-uri http://127.0.0.1:8001/api/mlflow', 'written'],
  'auth rotate-key': ['KEY --yes', 'old_key_id'],
  'auth revoke-key': ['KEY --yes', 'revoked_at'],
};

function leaves(command: Command, words: string[] = []): string[] {
  if (command.commands.length === 0) return [words.join(' ')];
  return command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
}

it('every command is looked at here', () => {
  const io = cliIo();
  expect(Object.keys(COMMANDS).sort()).toEqual(leaves(buildProgram(io, new CommandRunner(io))).sort());
});

it.each(Object.entries(COMMANDS))(
  'the result of hokusai %s --json is one JSON document, and nothing is said beside it',
  async (command, [args, member]) => {
    const words = args.replace('KEY', keyId).replace('POLICY', policyId).split(' ');
    const line = [...command.split(' '), ...words, '--json'].filter(Boolean);
    const result = await hokusai(line, { env, home: dir.path });
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(result.json()).toHaveProperty(member);
  },
);
