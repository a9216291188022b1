import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';

@ArgsType()
export class ChatGroupsArgs {
  @Field(() => ID)
  @IsString()
  @Length(1, 128)
  custSpaceId!: string;

  @Field()
  @Matches(/^\d{5,20}$/)
  businessNumber!: string;

  @Field(() => Int, { defaultValue: 20 })
  @IsInt()
  @Min(1)
  @Max(100)
  first!: number;

  @Field(() => Int, { defaultValue: 0 })
  @IsInt()
  @Min(0)
  offset!: number;
}

@ArgsType()
export class ChatGroupArgs {
  @Field(() => ID)
  @IsString()
  @Length(1, 512)
  id!: string;
}

@InputType()
export class UpdateChatGroupInput {
  @Field(() => ID)
  @IsString()
  @Length(1, 512)
  id!: string;

  @Field()
  @Length(1, 2048)
  description!: string;
}

export class NumberPath {
  @IsString()
  @Length(1, 128)
  custSpaceId!: string;

  @Matches(/^\d{5,20}$/)
  businessNumber!: string;
}

export class PageQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  page?: number;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  size?: number;
}
