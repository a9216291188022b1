import { Module } from '@nestjs/common';
import { StateModule } from '../state/state.module.js';
import { Idempotency } from './idempotency.js';

@Module({ imports: [StateModule], providers: [Idempotency], exports: [Idempotency] })
export class IdempotencyModule {}
