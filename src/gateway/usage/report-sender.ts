import { Agent, request } from 'undici';

const DEADLINE_MS = 5000;

/** Posts reports to a key service, over a connection of its own so that they never wait for validations. */
export class ReportSender {
  private readonly agent = new Agent({ connections: 1, pipelining: 1, allowH2: false });

  constructor(private readonly serviceToken: string | undefined) {}

  /**
   * @param signal ends the call before its time-out of five seconds
   * @returns status of the answer
   */
  async post(url: string, report: object, signal?: AbortSignal): Promise<number> {
    const timeout = AbortSignal.timeout(DEADLINE_MS);
    const { statusCode, body } = await request(url, {
      method: 'POST',
      dispatcher: this.agent,
      headers: {
        'content-type': 'application/json',
        ...(this.serviceToken !== undefined && { authorization: `Bearer ${this.serviceToken}` }),
      },
      body: JSON.stringify(report),
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
    await body.dump();
    return statusCode;
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
