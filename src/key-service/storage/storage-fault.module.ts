import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { StorageFaultInterceptor } from './storage-fault.interceptor.js';

/** Turns faults of the database into answers, for all routes. */
@Module({
  providers: [{ provide: APP_INTERCEPTOR, useClass: StorageFaultInterceptor }],
})
export class StorageFaultModule {}
