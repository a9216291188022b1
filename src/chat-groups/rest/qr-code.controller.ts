import { Controller, Get, Header, Param, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { GatewayError } from '../../errors/gateway-error.js';
import { ApiResponses } from '../../openapi/api-responses.js';
import { LoadShedding } from '../../telemetry/load-shedding.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { ChatGroupsService } from '../reads/chat-groups.service.js';
import { GroupPath, QrCodeQuery } from './inputs.js';
import { DEFAULT_QR_SIZE, qrPng, qrSvg } from './qr-code.js';

const SVG = 'image/svg+xml';
const PNG = 'image/png';
/** Whoever has the image can join the group, so no cache may keep it. */
const NO_STORE = ['Cache-Control', 'private, no-store'] as const;

const answers = (type: string) => ({
  200: {
    description: 'The QR code. `Cache-Control` is `private, no-store`.',
    content: { [type]: { schema: { type: 'string', format: 'binary' } } },
  },
});

/** The invite link of a group as a QR code. */
@ApiTags('Groups')
@Controller('v1/spaces/:custSpaceId/numbers/:businessNumber/groups/:groupId/invite-link')
export class QrCodeController {
  constructor(
    private readonly groups: ChatGroupsService,
    private readonly shedding: LoadShedding,
  ) {}

  @Get('qr.svg')
  @RouteConfig({ produces: SVG })
  @Header(...NO_STORE)
  @RequirePermission('groups:invite')
  @ApiResponses({
    operationId: 'getInviteLinkQrSvg',
    summary: 'Get the invite link as a QR code in SVG',
    description: 'Returns 404 if the group has no invite link.',
    answers: answers(SVG),
  })
  async getInviteLinkQrSvg(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const svg = await qrSvg(await this.#linkOf(caller, path));
    void reply.type(SVG);
    return svg;
  }

  @Get('qr.png')
  @RouteConfig({ produces: PNG, readsQuery: true })
  @Header(...NO_STORE)
  @RequirePermission('groups:invite')
  @ApiResponses({
    operationId: 'getInviteLinkQrPng',
    summary: 'Get the invite link as a QR code in PNG',
    description: 'Returns 404 if the group has no invite link.',
    answers: answers(PNG),
  })
  async getInviteLinkQrPng(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Query() { size = DEFAULT_QR_SIZE }: QrCodeQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const link = await this.#linkOf(caller, path);
    // A large picture takes milliseconds.
    await this.shedding.turn(caller.context);
    const png = qrPng(link, size);
    void reply.type(PNG);
    return png;
  }

  async #linkOf(caller: Caller, path: GroupPath): Promise<string> {
    const { group } = await this.groups.get(caller.authorize(path), path.groupId);
    if (group.inviteLink !== null) return group.inviteLink;
    throw new GatewayError('NOT_FOUND', 'The group has no invite link.');
  }
}
