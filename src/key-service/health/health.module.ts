import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { StorageHealth } from './storage-health.js';

@Module({ controllers: [HealthController], providers: [StorageHealth] })
export class HealthModule {}
