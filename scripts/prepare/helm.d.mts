export const HELMS: readonly { version: string; spec: string; integrity: string }[];
export function helmFolder(root: string, version: string): string;
export function installHelm(root: string): Promise<void>;
