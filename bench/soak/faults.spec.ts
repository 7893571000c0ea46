import { seededRandom } from '../../test/support/lib/random.ts';
import { FaultInjector, type FaultWindow, type Patient } from './faults.ts';

class Recorder implements Patient {
  readonly told: string[] = [];
  pause(): void {
    this.told.push('pause');
  }
  resume(): void {
    this.told.push('resume');
  }
  async kill(): Promise<void> {
    this.told.push('kill');
  }
  async start(): Promise<void> {
    this.told.push('start');
  }
}

const SOON = [0, 1] as const;

describe('the injector of faults', () => {
  it('pauses and kills every part in turn, and heals each before the next', async () => {
    const patients = { auth: new Recorder(), redis: new Recorder(), upstream: new Recorder() };
    const injector = new FaultInjector(
      patients,
      { faultMs: SOON, restMs: SOON, aftermathMs: 5 },
      seededRandom(1),
    );
    const seen: FaultWindow[] = [];
    await injector.run((window) => {
      seen.push(window);
      if (seen.length === 6) injector.stop();
    });
    expect(seen.map(({ part, kind }) => `${kind} ${part}`)).toEqual([
      'pause auth',
      'pause redis',
      'pause upstream',
      'kill auth',
      'kill redis',
      'kill upstream',
    ]);
    for (const patient of Object.values(patients))
      expect(patient.told).toEqual(['pause', 'resume', 'kill', 'start']);
  });

  it('says which faults a request can have felt, their aftermath included', () => {
    const patient = new Recorder();
    const patients = { auth: patient, redis: patient, upstream: patient };
    const injector = new FaultInjector(
      patients,
      { faultMs: SOON, restMs: SOON, aftermathMs: 5 },
      seededRandom(1),
    );
    injector.windows.push(
      { part: 'auth', kind: 'kill', fromMs: 100, toMs: 200 },
      { part: 'redis', kind: 'pause', fromMs: 150, toMs: Infinity },
    );
    expect([...injector.felt(0, 99)]).toEqual([]);
    expect([...injector.felt(90, 100)]).toEqual(['auth']);
    expect([...injector.felt(160, 170)]).toEqual(['auth', 'redis']);
    expect([...injector.felt(201, 300)]).toEqual(['redis']);
  });
});
