import { artifacts } from './artifacts.ts';
import { cached, redis, session } from './cached.ts';
import { consoleScreens } from './console.ts';
import { distinctKeys } from './distinct-keys.ts';
import { grants } from './grants.ts';
import { keyService } from './key-service.ts';
import { latency } from './latency.ts';
import { mlflow } from './mlflow.ts';
import { searches } from './searches.ts';
import { sharedParts } from './shared-parts.ts';
import { traces } from './traces.ts';
import type { Section } from './section.ts';

/** In the order in which README.md shows them. */
export const SECTIONS: readonly Section[] = [
  cached,
  redis,
  session,
  traces,
  grants,
  latency,
  mlflow,
  artifacts,
  distinctKeys,
  keyService,
  consoleScreens,
  sharedParts,
  searches,
];
