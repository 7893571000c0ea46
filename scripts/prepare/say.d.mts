export function say(text: string): void;
export function slowly<T>(
  what: string,
  work: () => Promise<T>,
  late?: { usualSeconds?: number; hint?: string; everyMs?: number },
): Promise<T>;
