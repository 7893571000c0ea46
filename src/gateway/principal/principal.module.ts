import { Global, Module } from '@nestjs/common';
import { KeyStanding } from './key-standing.js';

/** What every part of the gateway may know of who a request is from. */
@Global()
@Module({ providers: [KeyStanding], exports: [KeyStanding] })
export class PrincipalModule {}
