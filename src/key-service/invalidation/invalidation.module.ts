import { Module } from '@nestjs/common';
import { InvalidationDispatcher } from './invalidation.dispatcher.js';
import { GatewayCalls } from './gateway-calls.js';
import { GatewayExplanations } from './gateway-explanations.js';
import { GatewayLimitsReader } from './gateway-limits.js';
import { InvalidationController } from './invalidation.controller.js';
import { InvalidationMetrics } from './invalidation.metrics.js';
import { HttpInvalidationSender, InvalidationSender } from './invalidation.sender.js';
import { Outbox } from './outbox.js';
import { OutboxRepository } from './outbox.repository.js';

/** Sends every change of facts about a key to gateways, until they have accepted it. */
@Module({
  controllers: [InvalidationController],
  providers: [
    GatewayCalls,
    GatewayExplanations,
    GatewayLimitsReader,
    { provide: InvalidationSender, useClass: HttpInvalidationSender },
    InvalidationDispatcher,
    InvalidationMetrics,
    Outbox,
    OutboxRepository,
  ],
  exports: [GatewayExplanations, GatewayLimitsReader, Outbox],
})
export class InvalidationModule {}
