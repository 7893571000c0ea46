import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { FallbackController } from './fallback.controller.js';
import { StorageFaultInterceptor } from './storage-fault.interceptor.js';

/** What all routes have in common. Imported last, because its fallback takes what no route has taken. */
@Module({
  controllers: [FallbackController],
  providers: [{ provide: APP_INTERCEPTOR, useClass: StorageFaultInterceptor }],
})
export class HttpModule {}
