import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { pageEnds } from '../rest-page.js';
import { AuthGuard, CurrentUser, User } from './auth.guard.js';
import { ChatGroupsService } from './chat-groups.service.js';
import { NumberPath, PageQuery } from './inputs.js';

@Controller('v1/spaces/:custSpaceId/numbers/:businessNumber/groups')
@UseGuards(AuthGuard)
export class ChatGroupsController {
  constructor(private readonly groups: ChatGroupsService) {}

  @Get()
  async list(
    @CurrentUser() user: User,
    @Param() path: NumberPath,
    @Query() { page = 1, size = 20 }: PageQuery,
  ) {
    user.require(path.custSpaceId);
    const { groups, total, asOf } = await this.groups.page(path, (page - 1) * size, size);
    const pageCount = Math.ceil(total / size);
    const ends = pageEnds(page, size, total);
    return { data: groups, page: { index: page, size, total, pageCount, ...ends }, asOf, stale: false };
  }
}
