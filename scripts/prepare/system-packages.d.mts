export function aptInstall(...names: string[]): Promise<boolean>;
