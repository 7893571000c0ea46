import { judged, type Goal, type Row } from '../lib/readme.ts';

export interface BenchOptions {
  /** How often every peer is visited. */
  rounds: number;
  /** Length of one visit. */
  seconds: number;
  /** Size of one artifact, bytes. */
  artifactBytes: number;
  /** Distinct keys sent to the gateway. */
  distinctKeys: number;
  /** Keys in the key service's table. */
  storedKeys: number;
  /** Peers to leave out others for; empty: all. */
  peers: readonly string[];
}

/** One figure with its goal. */
export interface Figure {
  what: string;
  value: number;
  /** `value` for people, with its unit. */
  shown: string;
  goal?: Goal;
}

export interface SectionResult {
  figures: readonly Figure[];
  /** What the figures come from: a table whose first row is its head. */
  details: readonly Row[];
  /** What a reader must know to believe it. */
  notes: readonly string[];
}

export interface Section {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<SectionResult>;
}

/** A section could not run for lack of something; says of what. */
export class CannotRun extends Error {}

export function figureRows(figures: readonly Figure[]): Row[] {
  return [
    ['figure', 'measured', 'goal', ''],
    ...figures.map(({ what, value, shown, goal }) => [what, shown, ...judged(value, goal)]),
  ];
}
