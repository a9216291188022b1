import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Config } from '../config/config.js';
import { GraphqlIdePlugin } from './graphql-ide.plugin.js';
import { pages } from './pages.js';

/** Serves the pages for humans. */
@Module({ providers: [GraphqlIdePlugin] })
export class WebUiModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    pages(this.host.httpAdapter.getInstance(), this.config.graphql);
  }
}
