/** Where the process is in its life; readiness and `Connection: close` follow from it. */
export class ServerState {
  private phase: 'starting' | 'serving' | 'draining' = 'starting';

  get ready(): boolean {
    return this.phase === 'serving';
  }

  get draining(): boolean {
    return this.phase === 'draining';
  }

  serving(): void {
    this.phase = 'serving';
  }

  drain(): void {
    this.phase = 'draining';
  }
}
