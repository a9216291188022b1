import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Config, SANDBOX_DEMO_KEY } from '../config/config.js';
import { bearer } from './graphql-ide.js';
import { pages } from './pages.js';

/** Serves the pages for humans. */
@Module({})
export class WebUiModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    const { graphql, sandbox } = this.config;
    // With the sandbox, prefill the public demo key, so that the examples work unchanged.
    const ide = graphql.ide && (sandbox ? { defaultHeaders: bearer(SANDBOX_DEMO_KEY) } : {});
    pages(this.host.httpAdapter.getInstance(), { ide, ...(sandbox && { demoKey: SANDBOX_DEMO_KEY }) });
  }
}
