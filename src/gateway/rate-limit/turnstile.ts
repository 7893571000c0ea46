interface Gate {
  /** Inside, waiting, or just looking whether there is room. */
  present: number;
  inside: number;
  readonly waiting: (() => void)[];
}

/**
 * Turnstiles by name: as many go in at once as there is room for, the others wait. How much room there is may
 * depend on what those inside do there, so it is asked for again when one has left. Nothing is held for a name that
 * nobody is at.
 */
export class Turnstiles {
  private readonly gates = new Map<string, Gate>();

  /** Names that somebody is at. */
  get size(): number {
    return this.gates.size;
  }

  /**
   * @param room how many may be inside at once; zero or less turns away
   * @returns whether to go in: then `leave` has to be called once
   */
  async enter(name: string, room: () => Promise<number>): Promise<boolean> {
    const gate = this.gateOf(name);
    gate.present++;
    if (gate.waiting.length > 0) await wait(gate);
    for (;;) {
      const places = await room();
      if (places <= 0) {
        this.go(name, gate);
        return false;
      }
      if (gate.inside < places) {
        gate.inside++;
        wakeOne(gate);
        return true;
      }
      await wait(gate);
    }
  }

  leave(name: string): void {
    const gate = this.gateOf(name);
    gate.inside--;
    this.go(name, gate);
  }

  private gateOf(name: string): Gate {
    let gate = this.gates.get(name);
    if (!gate) this.gates.set(name, (gate = { present: 0, inside: 0, waiting: [] }));
    return gate;
  }

  private go(name: string, gate: Gate): void {
    if (--gate.present === 0) this.gates.delete(name);
    else wakeOne(gate);
  }
}

function wait(gate: Gate): Promise<void> {
  return new Promise((resolve) => gate.waiting.push(resolve));
}

/** Whoever is woken looks for room himself, and wakes the next one where he need not wait on. */
function wakeOne(gate: Gate): void {
  gate.waiting.shift()?.();
}
