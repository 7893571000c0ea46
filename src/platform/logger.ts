import { type LoggerService, type LogLevel } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** The one logger of a program: JSON lines on standard output, CloudWatch-ready. */
export abstract class Logger {
  abstract readonly pino: PinoLogger;
  /** A structured event; `event` is a stable snake_case name that alarms match on. */
  abstract info(event: string, fields?: object): void;
  abstract warn(event: string, fields?: object): void;
  abstract error(event: string, fields?: object): void;
  /** A finished JSON line without its newline: the access log's way around serialisation. */
  abstract line(json: string): void;
  /** Lines given up so far because nobody read the log. */
  abstract readonly droppedLines: number;
  abstract flush(): void;
}

/** Where lines go. One that buffers has `flushSync`, and tells of texts that it gave up by `drop`. */
export interface LogDestination extends DestinationStream {
  flushSync?(): void;
  on?(event: 'drop', listener: (text: string) => void): unknown;
  /** Stops writing and closes the descriptor, unless it is a standard one. */
  destroy?(): void;
}

const BUFFER_BYTES = 4096;
const FLUSH_EVERY_MS = 1000;
/** Access lines are handed over in pieces of this size: a hand-over each costs more than making the line. */
const LINES_BYTES = 64 * 1024;
const LINES_EVERY_MS = 500;
/** What may wait for a reader of the log that has stopped reading; what comes on top is dropped and counted. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Writes to a file descriptor, never waiting for it; `maxWaitingBytes` bounds what it has not taken yet. */
export function descriptorDestination(fd: number, maxWaitingBytes = MAX_WAITING_BYTES): LogDestination {
  return pino.destination({
    fd,
    sync: false,
    minLength: BUFFER_BYTES,
    maxWrite: 2 * LINES_BYTES,
    maxLength: maxWaitingBytes,
    periodicFlush: FLUSH_EVERY_MS,
  });
}

export class JsonLogger extends Logger {
  readonly pino: PinoLogger;
  override droppedLines = 0;
  private readonly linesOn: boolean;
  private readonly batched: boolean;
  private lines = '';

  /** @param out where lines go; standard output unless given */
  constructor(
    level: string,
    private readonly out: LogDestination = descriptorDestination(1),
  ) {
    super();
    out.on?.('drop', (text) => (this.droppedLines += text.split('\n').length - 1));
    this.pino = pino(
      {
        level,
        base: undefined,
        messageKey: 'event',
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      out,
    );
    this.linesOn = this.pino.isLevelEnabled('info');
    this.batched = out.flushSync !== undefined;
    if (this.batched && this.linesOn) {
      setInterval(() => this.handOver(), LINES_EVERY_MS).unref();
      process.once('exit', () => this.flush());
    }
  }

  override info(event: string, fields: object = {}): void {
    this.pino.info(fields, event);
  }

  override warn(event: string, fields: object = {}): void {
    this.pino.warn(fields, event);
  }

  override error(event: string, fields: object = {}): void {
    this.pino.error(fields, event);
  }

  override line(json: string): void {
    if (!this.linesOn) return;
    this.lines += `${json}\n`;
    if (!this.batched || this.lines.length >= LINES_BYTES) this.handOver();
  }

  private handOver(): void {
    if (this.lines === '') return;
    const { lines } = this;
    this.lines = '';
    this.out.write(lines);
  }

  override flush(): void {
    try {
      this.handOver();
      this.out.flushSync?.();
    } catch {
      // The stream was never opened or is closed: nothing is buffered then.
    }
  }
}

/** What an error may say in a log: its class, code and message, never its request. */
export function errorFields(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = (error as NodeJS.ErrnoException).code;
  return { error: `${error.name}: ${error.message}`.slice(0, 500), ...(code !== undefined && { code }) };
}

/** Nest's own messages: warnings and errors only, as events of the same log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(): void {}
  debug(): void {}
  verbose(): void {}
  setLogLevels(_levels: LogLevel[]): void {}

  warn(message: unknown): void {
    this.logger.warn('nest_warning', { message: String(message) });
  }

  error(message: unknown, ...details: unknown[]): void {
    this.logger.error('nest_error', { message: String(message), details: details.map(String) });
  }

  fatal(message: unknown): void {
    this.logger.error('nest_fatal', { message: String(message) });
  }
}
