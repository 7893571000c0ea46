import { Module } from '@nestjs/common';
import { KeyNotices } from './key-notices.js';
import { NoticeSender } from './notice.sender.js';
import { NoticesRepository } from './notices.repository.js';

/** Warnings of keys that end soon, and of keys that nobody uses. */
@Module({ providers: [KeyNotices, NoticeSender, NoticesRepository], exports: [KeyNotices] })
export class NoticesModule {}
