import type { System } from '../system.ts';

/** One promise of the images or compose files. The title is what holds when it passes. */
export interface Check {
  readonly title: string;
  /** @throws where the promise is broken */
  run(system: System): Promise<void>;
}
