export function installNodeModules(root: string): Promise<void>;
export function isInstalled(root: string): boolean;
