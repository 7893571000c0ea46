export function withLock(root: string, work: () => Promise<void>): Promise<void>;
