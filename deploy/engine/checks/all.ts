import type { Check } from './check.ts';
import { CLIENT_CHECKS } from './clients.ts';
import { CONTAINER_CHECKS } from './containers.ts';
import { IMAGE_CHECKS } from './images.ts';
import { KILL_CHECKS } from './kills.ts';
import { MONITORING_CHECKS } from './monitoring.ts';
import { RESTART_CHECKS } from './restarts.ts';
import { START_CHECKS } from './start.ts';
import { TLS_CHECKS } from './tls.ts';

/** In this order: each stands on those before it. */
export const CHECKS: readonly Check[] = [
  ...IMAGE_CHECKS,
  ...START_CHECKS,
  ...CLIENT_CHECKS,
  ...CONTAINER_CHECKS,
  ...MONITORING_CHECKS,
  ...KILL_CHECKS,
  ...RESTART_CHECKS,
  ...TLS_CHECKS,
];
