#!/usr/bin/env node
import { runServer } from './server-command.mjs';

await runServer(
  'mlflow-key-service',
  'key-service',
  '[migrate [--check] | --version | --help]\n\nThe key service. It reads environment variables alone: HOKUSAI_ADMIN_TOKEN and KEY_PEPPER must be set.',
);
