import { Module } from '@nestjs/common';
import { KeyServiceHealthController } from './key-service-health.controller.js';
import { StorageHealth } from './storage-health.js';

@Module({ controllers: [KeyServiceHealthController], providers: [StorageHealth] })
export class KeyServiceHealthModule {}
