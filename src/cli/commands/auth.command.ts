import type { Command } from 'commander';
import type { CommandRunner } from '../command-context.js';
import { addAudit } from './auth-audit.command.js';
import { addCreateKey } from './auth-create.command.js';
import { addExplain } from './auth-explain.command.js';
import { addListKeys, addShowKey } from './auth-list.command.js';
import { addRevokeKey, addRotateKey } from './auth-revoke.command.js';
import { addRotationPolicies } from './auth-rotation-policies.command.js';
import { addShadowReport } from './auth-shadow-report.command.js';
import { addServices } from './auth-services.command.js';
import { addSuggestGrants } from './auth-suggest-grants.command.js';
import { addUpdateKey } from './auth-update.command.js';
import { addUsage } from './auth-usage.command.js';
import { addValidate } from './auth-validate.command.js';
import { addWhoami } from './auth-whoami.command.js';

/** `hokusai auth …`: keys, by the auth service's API, and what the gateway says of one. */
export function addAuth(program: Command, runner: CommandRunner): void {
  const auth = program
    .command('auth')
    .summary('create, list, revoke and rotate keys')
    .description(
      'API keys, managed through the auth service. All but "validate", "whoami", "explain" and "shadow-report" need HOKUSAI_ADMIN_TOKEN.',
    );
  addCreateKey(auth, runner);
  addListKeys(auth, runner);
  addShowKey(auth, runner);
  addUpdateKey(auth, runner);
  addRevokeKey(auth, runner);
  addRotateKey(auth, runner);
  addValidate(auth, runner);
  addRotationPolicies(auth, runner);
  addUsage(auth, runner);
  addSuggestGrants(auth, runner);
  addServices(auth, runner);
  addAudit(auth, runner);
  addWhoami(auth, runner);
  addExplain(auth, runner);
  addShadowReport(auth, runner);
}
