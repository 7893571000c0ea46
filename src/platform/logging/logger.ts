import { type LoggerService, type LogLevel } from '@nestjs/common';
import { pino, type Logger as PinoLogger } from 'pino';
import { DescriptorDestination, type LogDestination } from './log-destination.js';

/** The one logger of a program: JSON lines on standard output, CloudWatch-ready. */
export abstract class Logger {
  /** A structured event; `event` is a stable snake_case name that alarms match on. */
  abstract info(event: string, fields?: object): void;
  abstract warn(event: string, fields?: object): void;
  abstract error(event: string, fields?: object): void;
  /** A finished JSON line without its newline: the access log's way around serialisation. */
  abstract line(json: string): void;
  /** Lines dropped so far because nobody read the log, or it could not be written. */
  abstract readonly droppedLines: number;
  /** Writes what is held: waits for the reader for `withinMs` at most, then gives up what is left. */
  abstract flush(withinMs?: number): void;
}

export class JsonLogger extends Logger {
  private readonly pino: PinoLogger;
  private readonly linesOn: boolean;

  /** @param out where lines go; standard output unless given */
  constructor(
    level: string,
    private readonly out: LogDestination = new DescriptorDestination(1),
  ) {
    super();
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
  }

  override get droppedLines(): number {
    return this.out.droppedLines ?? 0;
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
    if (this.linesOn) this.out.write(`${json}\n`);
  }

  override flush(withinMs?: number): void {
    this.out.flushSync?.(withinMs);
  }
}

/** The parts of an error that may be logged: its class, code and message, never its request. */
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
