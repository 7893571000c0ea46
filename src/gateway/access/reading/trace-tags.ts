/**
 * MLflow reads, moves and deletes the files of a trace where tags of its own say: `mlflow.artifactLocation`,
 * `mlflow.trace.archiveLocation`, `mlflow.trace.spansLocation`. Whatever could be meant for one of them counts, because
 * newer versions add some.
 */
const PLACE_OF_FILES = /^\s*mlflow\..*(?:location|archiv)/is;

export function isPlaceOfFiles(tag: string): boolean {
  return PLACE_OF_FILES.test(tag);
}
