import { Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ChannelType, ChatGroupStatus } from './enums.js';

registerEnumType(ChatGroupStatus, { name: 'ChatGroupStatus' });
registerEnumType(ChannelType, { name: 'ChannelType' });

@ObjectType()
export class ChatGroup {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  groupId!: string;

  @Field(() => ID)
  custSpaceId!: string;

  @Field()
  businessNumber!: string;

  @Field(() => ChannelType)
  channelType!: string;

  @Field(() => String, { nullable: true })
  subject!: string | null;

  @Field(() => String, { nullable: true })
  description!: string | null;

  @Field(() => ChatGroupStatus)
  status!: string;

  @Field(() => String, { nullable: true })
  rawStatus!: string | null;

  @Field(() => String, { nullable: true })
  inviteLink!: string | null;

  @Field()
  inviteLinkVisible!: boolean;

  @Field(() => String, { nullable: true })
  profilePictureUrl!: string | null;

  @Field(() => Int, { nullable: true })
  participantCount!: number | null;

  @Field(() => String, { nullable: true })
  groupType!: string | null;

  @Field(() => String, { nullable: true })
  groupLink!: string | null;

  @Field(() => String, { nullable: true })
  businessRole!: string | null;
}

@ObjectType()
export class PageInfo {
  @Field()
  hasNextPage!: boolean;

  @Field()
  hasPreviousPage!: boolean;
}

@ObjectType()
export class ChatGroupConnection {
  @Field(() => [ChatGroup])
  nodes!: readonly ChatGroup[];

  @Field()
  pageInfo!: PageInfo;

  @Field(() => Int)
  totalCount!: number;

  @Field(() => GraphQLISODateTime)
  asOf!: Date;

  @Field()
  stale!: boolean;
}

@ObjectType()
export class UpdateChatGroupPayload {
  @Field(() => ChatGroup, { nullable: true })
  chatGroup!: ChatGroup | null;
}
