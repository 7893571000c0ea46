import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { StorageFaultInterceptor } from './storage-fault.interceptor.js';

/** What all routes have in common. */
@Module({
  providers: [{ provide: APP_INTERCEPTOR, useClass: StorageFaultInterceptor }],
})
export class HttpModule {}
