export const MLFLOW_VENVS: readonly string[];
export function makeVenv(root: string, name: string): Promise<void>;
