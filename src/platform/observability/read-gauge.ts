import { Gauge, type Registry } from 'prom-client';

/** Registers a gauge whose value is read when figures are collected. */
export function readGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
