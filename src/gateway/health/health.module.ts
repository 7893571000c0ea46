import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MlflowProbe } from './mlflow.probe.js';

/** What load balancers, operators and deployment checks ask. */
@Module({ controllers: [HealthController], providers: [MlflowProbe] })
export class HealthModule {}
