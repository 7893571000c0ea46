export function installDocsSite(root: string): Promise<void>;
