#!/usr/bin/env node
import { runServer } from './server-command.mjs';

await runServer(
  'mlflow-gateway',
  'gateway',
  '[--version | --help]\n\nThe gateway in front of MLflow. It reads environment variables alone: MLFLOW_SERVER_URL must be set, and\nHOKUSAI_AUTH_SERVICE_URL names the service that validates keys.',
);
