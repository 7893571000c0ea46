export const MLFLOW_VENVS: readonly string[];
export function makeVenv(root: string, name: string): Promise<void>;
export function requirePython(root: string, name: string): Promise<void>;
