export function together(steps: readonly (() => Promise<unknown>)[]): Promise<void>;
