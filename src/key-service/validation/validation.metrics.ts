import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import type { RefusalReason } from './validation.service.js';

export type ValidationOutcome = 'valid' | 'missing' | 'limited' | 'undecided' | RefusalReason;

/** Outcomes of validations; neither key nor address is a label. */
@Injectable()
export class ValidationMetrics {
  private readonly outcomes: Counter;

  constructor(registry: Registry) {
    this.outcomes = new Counter({
      name: 'key_validations_total',
      help: 'Answers to key validations by outcome: valid, missing, limited, undecided (an imported key was not compared in time), or why the key was refused',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }

  count(outcome: ValidationOutcome): void {
    this.outcomes.inc({ outcome });
  }
}
