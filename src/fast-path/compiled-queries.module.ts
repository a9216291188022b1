import { Module } from '@nestjs/common';
import { CompiledQueries } from './compiled-queries.js';

/** What Apollo and the way around it share. */
@Module({ providers: [CompiledQueries], exports: [CompiledQueries] })
export class CompiledQueriesModule {}
