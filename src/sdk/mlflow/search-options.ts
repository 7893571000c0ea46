import type { CallOptions } from '../http/transport.types.js';
import type { ViewTypeValue } from './generated/experiment.types.js';

/** What a search may ask for. */
export interface SearchOptions extends CallOptions {
  /** MLflow's filter language, such as `metrics.loss < 0.1 and tags.team = 'risk'`. */
  readonly filter?: string | undefined;
  /** Such as `metrics.loss ASC`. */
  readonly orderBy?: readonly string[] | undefined;
  /** Items altogether; no limit unless given. */
  readonly limit?: number | undefined;
  /** Items a page; MLflow's default unless given. */
  readonly pageSize?: number | undefined;
  /** Default `ACTIVE_ONLY`. */
  readonly viewType?: ViewTypeValue | undefined;
}

/** Searches of the registry know no view types. */
export type RegistrySearchOptions = Omit<SearchOptions, 'viewType'>;
