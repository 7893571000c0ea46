import { Module } from '@nestjs/common';
import { GatewayHealthController } from './gateway-health.controller.js';
import { MlflowProbe } from './mlflow.probe.js';

/** What load balancers, operators and deployment checks ask. */
@Module({ controllers: [GatewayHealthController], providers: [MlflowProbe] })
export class GatewayHealthModule {}
