/** Where the files of a trace are. A client of MLflow 2 sends the value back unchanged. */
export const LOCATION_TAG = 'mlflow.artifactLocation';
/** Where they are once the trace is archived. */
export const ARCHIVE_TAG = 'mlflow.trace.archiveLocation';

/**
 * MLflow reads, moves and deletes the files of a trace at the places that its tags name: `mlflow.artifactLocation`,
 * `mlflow.trace.archiveLocation`, `mlflow.trace.spansLocation`. Anything similar counts too, because newer versions add
 * some.
 */
const PLACE_OF_FILES = /^\s*mlflow\..*(?:location|archiv)/is;

export function isPlaceOfFiles(tag: string): boolean {
  return PLACE_OF_FILES.test(tag);
}
