import { Module } from '@nestjs/common';
import { CamsClient } from './cams-client.js';

@Module({ providers: [CamsClient], exports: [CamsClient] })
export class CamsModule {}
