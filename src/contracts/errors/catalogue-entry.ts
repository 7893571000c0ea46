/** One entry of the catalogue. */
export interface CatalogueEntry {
  /** HTTP status code. */
  readonly status: number;
  /** MLflow's error code; its client turns it into an exception of that kind. */
  readonly errorCode: string;
  /** Short name. */
  readonly title: string;
  /** The text that existing clients match on. */
  readonly detail: string;
  /** What to do about it; `message` is `detail` followed by this. */
  readonly advice: string;
}
