import KeyvRedis from '@keyv/redis';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { CacheModule } from '@nestjs/cache-manager';
import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { JwtModule } from '@nestjs/jwt';
import { Cams } from '../cams.js';
import { ChatGroupsController } from './chat-groups.controller.js';
import { ChatGroupsResolver } from './chat-groups.resolver.js';
import { ChatGroupsService } from './chat-groups.service.js';
import { settings } from './settings.js';

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      playground: false,
    }),
    CacheModule.registerAsync({
      useFactory: () => ({ stores: [new KeyvRedis(settings.redisUrl)], ttl: settings.ttlMs }),
    }),
    JwtModule.register({
      publicKey: settings.publicKey,
      verifyOptions: { algorithms: ['RS256'], issuer: settings.issuer, audience: settings.audience },
    }),
  ],
  controllers: [ChatGroupsController],
  providers: [
    ChatGroupsService,
    ChatGroupsResolver,
    { provide: Cams, useFactory: () => new Cams(settings.camsEndpoint) },
  ],
})
export class AppModule {}
