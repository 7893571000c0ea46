import { ClientSlowError, ClientStalledError } from './upstream/upstream-fault.js';

/** How slowly a client may send. */
export interface PaceLimits {
  /** Longest silence. */
  readonly idleTimeoutMs: number;
  /** In each window of this length `minBytesPerWindow` bytes must arrive, unless the body ends before. */
  readonly windowMs: number;
  /** 0 for no least rate. */
  readonly minBytesPerWindow: number;
}

/**
 * Watches that a client sends fast enough while its data is wanted. Silence alone is not enough: a byte now and then
 * would hold one of MLflow's slots for as long as the client likes.
 */
export class UploadPace {
  private idle: NodeJS.Timeout | undefined;
  private window: NodeJS.Timeout | undefined;
  private inWindow = 0;

  /** @param onFault called at most once for each time that data was wanted */
  constructor(
    private readonly limits: PaceLimits,
    private readonly onFault: (error: Error) => void,
  ) {}

  /** Data is wanted, from now on or still. */
  wanted(): void {
    if (this.idle) {
      this.idle.refresh();
      return;
    }
    const { idleTimeoutMs, minBytesPerWindow } = this.limits;
    this.idle = setTimeout(
      () => this.fault(new ClientStalledError('the client stopped sending')),
      idleTimeoutMs,
    );
    if (minBytesPerWindow > 0) this.openWindow();
  }

  received(bytes: number): void {
    this.inWindow += bytes;
  }

  /** No data is wanted: the body is complete, or MLflow is slow. */
  rest(): void {
    clearTimeout(this.idle);
    clearTimeout(this.window);
    this.idle = undefined;
    this.window = undefined;
  }

  private openWindow(): void {
    this.inWindow = 0;
    this.window = setTimeout(() => {
      if (this.inWindow >= this.limits.minBytesPerWindow) this.openWindow();
      else this.fault(new ClientSlowError('the client sends too slowly'));
    }, this.limits.windowMs);
  }

  private fault(error: Error): void {
    this.rest();
    this.onFault(error);
  }
}
