import { Global, Module } from '@nestjs/common';
import { KeyStanding } from './key-standing.js';
import { RefusalFeed } from './refusal-feed.js';

/** What every part of the gateway may know of who a request is from. */
@Global()
@Module({ providers: [KeyStanding, RefusalFeed], exports: [KeyStanding, RefusalFeed] })
export class PrincipalModule {}
