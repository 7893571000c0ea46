import type { DestinationStream } from 'pino';

/** One JSON line of a log. */
export type LogLine = Record<string, unknown> & { event?: string; level?: string };

/** A log destination that keeps the lines, parsed. */
export class LogCapture implements DestinationStream {
  readonly lines: LogLine[] = [];
  /** Everything as it was written, for searches after what must not be there. */
  raw = '';
  private rest = '';

  write(chunk: string): void {
    this.raw += chunk;
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.lines.push(JSON.parse(line) as LogLine);
  }

  /** Lines of one event, oldest first. */
  of(event: string): LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  clear(): void {
    this.lines.length = 0;
    this.raw = '';
  }
}
